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
    # Two beside one another, the third 320 px below: 0.25 of 0 to 1 lies at 370 + 0.75 * 260.
    assert ",565.0 " in drawn
    # A page that is less wide makes all of it smaller, and cuts nothing off.
    assert 'width="990" height="680" viewBox="0 0 990 680"' in drawn


def test_without_dice_nothing_changes_for_classes():
    drawn = history_svg("small_cnn", [epochs(val_dice=0.25)])
    assert "Dice" not in drawn
    assert drawn.count("<polyline") == 4


def test_the_best_epoch_is_marked_where_validation_images_chose():
    history = [
        {**one, "val_loss": loss} for one, loss in zip(epochs(), (0.8, 0.5, 0.6), strict=True)
    ]
    drawn = history_svg("small_cnn", [history])
    # Of 3 epochs over 420 px from 60 on, the second; the axis of loss ends at 1 (steps of 0.25).
    assert '<circle cx="270.0" cy="180.0" r="3"' in drawn
    assert drawn.count("<circle") == 2  # on loss and on accuracy
    plain = [{**one, "val_loss": None, "val_accuracy": None} for one in history]
    assert "<circle" not in history_svg("small_cnn", [plain])


def test_numbers_of_an_axis_are_round():
    history = [{**one, "loss": 0.89, "val_loss": 0.6} for one in epochs()]
    drawn = history_svg("small_cnn", [history])
    assert [f">{tick}</text>" in drawn for tick in ("0.25", "0.5", "0.75", "1")] == [True] * 4
    assert "0.89" not in drawn


def test_what_no_epoch_has_gets_no_empty_drawing():
    drawn = history_svg("unet", [epochs(val_dice=None)], MASK_PANELS)  # trained on all images
    assert "Dice" not in drawn
    assert drawn.count("<polyline") == 4
