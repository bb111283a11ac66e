"""The deliverability doctor: would the big providers take our mail, and if not, why?

`case` who sends, as the settings say · `findings` what was seen, as data · `words` the
same for people · `names` DNS with a deadline · `records` SPF, DKIM, DMARC, MX
`hosts` the relay's TLS, the name of this machine, the one-click address
`check_mails` the test mail that goes the whole way · `arrival` what its source says
`contents` the sender, the mail itself · `examining` all of it, kept as a run
`fitness` no first campaign while something fails
"""
