"""A page for reviewers is known by the digest of its template."""

from hashlib import sha256

from tests.services.sagemaker.conftest import Lab


def test_the_digest_of_the_template_is_shown(lab: Lab) -> None:
    lab("CreateHumanTaskUi", HumanTaskUiName="u", UiTemplate={"Content": "<p>"})
    seen = lab("DescribeHumanTaskUi", HumanTaskUiName="u")
    assert seen["UiTemplate"] == {"ContentSha256": sha256(b"<p>").hexdigest()}
    assert seen["HumanTaskUiStatus"] == "Active"
