"""Files of members as tests need them."""

import csv
import io

from members.accounts.moving import load

GHOST = (
    "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers"
)
SUBSTACK = (
    "Email,Name,Stripe plan,Cancel date,Start date,Paid upgrade date,Activity,Type,Expiration date,Emails opened (6mo)"
)
SUBSTACK_LIST = "email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at"
PATREON = (
    "Name,Email,Discord,Patron Status,Follows You,Free Member,Free Trial,Lifetime Amount,Pledge Amount,Charge Frequency,"
    "Tier,Addressee,Street,City,State,Zip,Country,Phone,Patronage Since Date,Last Charge Date,Last Charge Status,"
    "Additional Details,User ID,Last Updated,Currency,Max Posts,Access Expiration,Next Charge Date,Full country name,"
    "Subscription Source"
)


def file(heading, *people):
    """The bytes of a CSV file with these columns, and a line for each dict of {column: text}."""
    columns = heading.split(",")
    text = io.StringIO()
    table = csv.DictWriter(text, columns)
    table.writeheader()
    table.writerows(people)
    return text.getvalue().encode()


def imported(told, **options):
    """The Report of an import; told: bytes, or lines of text."""
    return load.run(told if isinstance(told, bytes) else "\n".join(told).encode(), **options)


def counts(report):
    return {status: count for status, count in report.counts.items() if count}


def only_failure(report):
    """(line, why) of the one row that failed."""
    [failure] = report.failures
    return failure
