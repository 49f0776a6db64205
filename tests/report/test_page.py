"""What is to be typed is set as such, wherever the words for a terminal mark it."""

from bioselect.report.blocks import Listed, Section, Table, Text
from bioselect.report.page import page


def test_backquotes_are_not_shown():
    said = "`predict --abstain` leaves <b> to a person"
    blocks = [Text(said), Listed([said]), Table("", said, ("remedy",), [[said]])]
    written = page("A", "B", [Section("key", "Title", blocks)])
    body = written.split("</style>")[1].split("<script>")[0]
    assert body.count("<code>predict --abstain</code> leaves &lt;b&gt; to a person") == 4
    assert "`" not in body.replace(f'aria-label="{said}"'.replace("<b>", "&lt;b&gt;"), "")
