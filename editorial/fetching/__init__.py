"""Leaf: everything Masthead asks of other people's servers goes through here.

No database and no ORM. Downwards:

- `visits`, `metadata` and `archives`: what the newsroom calls; each runs its own event
  loop.
- `ladder`: what an answer means for a link, in the words of `verdicts`; `walls` and
  `soft404` know what pages hide behind or pretend, `probes` ask hosts about it where
  `robots` may, `pages` and `fingerprints` read the page an answer came with.
- `client`: the one HTTP client; `manners` keeps it polite, `broker` all workers together.
- `connections` and `exchanges`: HTTP/1.1 itself, as far as a visit needs it; `cookies`
  of a redirect chain.
- `egress`: the one proxy that an admin may name for all of it.
- `network`: look-ups and sockets, for real; `seam` is its double for the tests.
- `guard`: which URLs and which addresses may be asked at all.
- `outcomes`: what a request can come to, as plain data.
"""
