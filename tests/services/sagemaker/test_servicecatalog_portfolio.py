"""The portfolio is disabled until it is enabled."""

from tests.services.sagemaker.conftest import Lab


def test_it_is_switched_on_and_off(lab: Lab) -> None:
    def status() -> str:
        return str(lab("GetSagemakerServicecatalogPortfolioStatus")["Status"])

    assert status() == "Disabled"
    for word in ("Enabled", "Enabled", "Disabled"):
        lab(f"{word.removesuffix('d')}SagemakerServicecatalogPortfolio")
        assert status() == word
