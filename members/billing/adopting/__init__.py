"""Taking over the live subscriptions of a Stripe account that another system sold.

`survey` tells what there is, whose it is, and what cannot be taken over and why; `takeover` writes that down. Nothing
is ever changed at Stripe: whoever pays goes on paying, with trials, coupons and pending cancels as they are.
"""
