"""The agreement of a sentence's category with the pixels' categories."""

from __future__ import annotations

import torch

from remotesam.networks.prior import CategoryPrior, add_evidence


def prior() -> CategoryPrior:
    """Three categories; a sentence's logits are its first word vector itself."""
    module = CategoryPrior(categories=3, map_channels=2, text_channels=3)
    with torch.no_grad():
        module.sentence.weight.copy_(torch.eye(3))
        module.sentence.bias.zero_()
    return module


def test_evidence_is_highest_where_the_category_of_the_sentence_is() -> None:
    pixels = torch.full((1, 4, 2, 2), -20.0)
    pixels[0, 0] = 0.0  # nothing ...
    pixels[0, 2, 0, 1] = 20.0  # ... but the second category in one cell
    words = 20 * torch.eye(3)[:, None]
    agreement = prior()(pixels, words)
    assert agreement.evidence.shape == (3, 2, 2)
    best = agreement.evidence[1]
    assert best[0, 1] > best[0, 0] + 1
    torch.testing.assert_close(best[0, 1], torch.zeros(()), atol=1e-3, rtol=0)  # log of a sure agreement
    assert agreement.evidence[0].max() < best.max() - 1
    assert agreement.presence[1] > agreement.presence[0]
    assert agreement.sentence.argmax(dim=1).tolist() == [0, 1, 2]


def test_a_sentence_of_unsure_category_spreads() -> None:
    pixels = torch.zeros(1, 4, 1, 1)
    agreement = prior()(pixels, torch.zeros(1, 1, 3))
    # p = 1/4 for each of three categories, q = 1/3: a = 1/4
    torch.testing.assert_close(agreement.evidence[0, 0, 0], 0.3 * torch.log(torch.tensor(0.251)))


def test_evidence_moves_the_object_alone() -> None:
    logits = torch.randn(2, 2, 4, 4)
    raised = add_evidence(logits, torch.tensor([1.0, -2.0]))
    torch.testing.assert_close(raised[:, 0], logits[:, 0])
    torch.testing.assert_close(raised[:, 1] - logits[:, 1], torch.tensor([1.0, -2.0])[:, None, None].expand(2, 4, 4))
    constant = add_evidence(logits, torch.full((2, 2, 2), 3.0))
    torch.testing.assert_close(constant[:, 1], logits[:, 1] + 3)
