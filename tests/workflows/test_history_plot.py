from bioselect.workflows.history_plot import MASK_PANELS, TRAINING, VALIDATION, history_svg


def epochs(**more):
    return [
        {"epoch": n, "loss": 1 / n, "accuracy": 0.5, "val_loss": 2 / n, "val_accuracy": 0.4, **more}
        for n in (1, 2, 3)
    ]


def test_masks_have_a_drawing_for_dice():
    drawn = history_svg("unet", [epochs(dice=0.5, val_dice=0.25)], MASK_PANELS)
    assert "epoch (Dice)" in drawn
    # Loss and accuracy of both parts, Dice of the validation part.
    assert (drawn.count(f'stroke="{TRAINING}"'), drawn.count(f'stroke="{VALIDATION}"')) == (2, 3)
    # Three drawings of 260 px from 50 on: 0.25 of 0 to 1 lies at 50 + 0.75 * 260.
    assert ",245.0 " in drawn


def test_without_dice_nothing_changes_for_classes():
    drawn = history_svg("small_cnn", [epochs(val_dice=0.25)])
    assert "Dice" not in drawn
    assert drawn.count("<polyline") == 4
