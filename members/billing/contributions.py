"""What can be given once: amounts that are proposed, and between which bounds one's own lies. Pure.

All follow from what a month of the first plan costs, so that they are right in every currency that the newsroom sells
in: a contribution is worth some months.
"""

from newsroom.ground.money import DECIMALS, STEPS

# Proposed: so many months each.
MONTHS = (1, 2, 5, 10)
# The least is this part of a month, the most so many months. What is less costs more to take than it brings, and is
# what thieves try cards with; what is more is worth a letter.
LEAST_PART, MOST_MONTHS = 5, 1000
# In whole units, where no plan is sold by the month in a currency.
MONTH = 5


def of_month(price, currency):
    """What a month costs, in the currency's smallest unit. price: a `Price`, or None."""
    return price.amount if price and price.amount else MONTH * 10 ** DECIMALS.get(currency, 2)


def proposed(month):
    return [month * times for times in MONTHS]


def bounds(month, currency):
    """(least, most) that can be given."""
    step = STEPS.get(currency, 1)
    least = max(month // LEAST_PART, 1)
    return -(-least // step) * step, month * MOST_MONTHS
