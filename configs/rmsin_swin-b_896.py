"""The published network and the recipe of its reference: Swin-B and BERT-base at 896 px, 8 GPUs with 2 images each.

    torchrun --nproc-per-node 8 tools/train.py configs/rmsin_swin-b_896.py

The data named here is what stands beside the project; put your own sources into data.train.sources.
"""

work_dir = "runs/rmsin_swin-b_896"
tokenizer = "bert-base-uncased"

network = dict(
    fusion="early",
    image_size=896,
    max_batch=1,  # batches round differently, by up to 0.002 in the logits; more is a matter of speed on a GPU
    trunk=dict(name="swin_base_patch4_window12_384", drop_path_rate=0.3, options=dict(img_size=896)),
    text=dict(vocab_size=30522, hidden_size=768, layers=12, heads=12, max_tokens=20),
    interaction=dict(hidden=480, grid=(28, 28), splits=(32, 64, 128, 256), heads=8, key_channels=32, value_channels=64),
    decoder=dict(widths=(512, 512, 512), rotated=(True, True, True)),
)

# Weights to start from: Swin-B of ImageNet-22k at 384 px and bert-base-uncased, where the hub can be reached.
pretrained_trunk = True
pretrained_text = "bert-base-uncased"
text_layers_trained = 10

data = dict(
    train=dict(
        sources=[
            dict(
                type="coco",
                annotation_file="../shared/data/nwpu_vhr10/instances_train.json",
                image_folder="../shared/data/nwpu_vhr10/images",
                weight=1.0,
            ),
        ],
        size=896,
        sentences=1,
        augment=dict(
            long_side=(896, 896),
            max_zoom=4.0,
            stretch=0.0,
            focus=0.0,
            quarter_turns=False,
            free_rotation=0.0,
            flip=0.0,
            photometric=None,
            boxes=0.2,
        ),
    ),
    val=dict(
        type="coco",
        annotation_file="../shared/data/nwpu_vhr10/instances_val.json",
        image_folder="../shared/data/nwpu_vhr10/images",
    ),
)
preprocessing = dict(mode="resize", size=896)

loss = dict(cross_entropy=0.9, class_weights=(0.9, 1.1), dice=0.1, dice_reduction="batch")
optimizer = dict(lr=3e-5, weight_decay=0.01)
schedule = dict(type="polynomial", power=0.9)
epochs = 40
batch_size = 2
sync_batch_norm = True
# The gates of the last stage lead nowhere, as in the published network.
find_unused_parameters = True
mixed_precision = "no"
activation_checkpointing = False
seed = 0
workers = 4
eval_every = 5000
checkpoint_every = 1000
