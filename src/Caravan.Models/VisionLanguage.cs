using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A decoder that sees images: rows of a vision tower, projected, in the place of tokens.</summary>
internal sealed class VisionLanguage : Network
{
    /// <summary>What stands before the names of the tower's weights.</summary>
    internal const string VisionPrefix = "vision.";

    private readonly VisionTower tower;
    private readonly Projection first, second;

    internal VisionLanguage(DecoderSpec spec, WeightReader weights)
    {
        Images = spec.Images!;
        tower = new VisionTower(Images.Tower, weights, VisionPrefix);
        first = new Projection(weights, "projector.first", spec.HiddenSize, Images.Tower.HiddenSize, Images.ProjectionBias);
        second = new Projection(weights, "projector.second", spec.HiddenSize, spec.HiddenSize, Images.ProjectionBias);
        Decoder = new Decoder(spec, weights);
    }

    /// <inheritdoc/>
    public override string Kind => "vision-language model";

    /// <summary>How it sees.</summary>
    public ImageInputSpec Images { get; }

    /// <summary>What writes.</summary>
    public Decoder Decoder { get; }

    /// <summary>What takes the place of an image's tokens.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="images">Each image's normalised pixels, [channels, height, width].</param>
    /// <returns>[images · rows, D] F32.</returns>
    public Tensor Features(Pass pass, IReadOnlyList<float[]> images)
    {
        Tensor rows = tower.Forward(pass, images, Images.TowerLayers);
        if (!Images.KeepsFirst)
        {
            int all = 1 + Images.Tower.Patches;
            rows = Embedding.Forward(pass, rows, [.. Enumerable.Range(0, images.Count * all).Where(row => row % all > 0)]);
        }

        return second.Forward(pass, Activation.Forward(pass, Images.Activation, first.Forward(pass, rows)));
    }

    /// <summary>The tokens with as many image tokens for each image as it has rows, whether they came with one for each or with all.</summary>
    /// <param name="tokens">A prompt.</param>
    /// <param name="images">How many images belong to it.</param>
    /// <exception cref="CaravanException">The prompt's image tokens are of another number.</exception>
    public int[] Expand(IReadOnlyList<int> tokens, int images)
    {
        int found = tokens.Count(token => token == Images.Token);
        if (found == images * Images.Rows) return [.. tokens];
        return found == images
            ? [.. tokens.SelectMany(token => Enumerable.Repeat(token, token == Images.Token ? Images.Rows : 1))]
            : throw new CaravanException($"The prompt has {found} image tokens, but {images} image{(images == 1 ? " was" : "s were")} given; put one for each in its place.");
    }

    /// <summary>Puts rows of features in the place of the image tokens among a batch's last rows.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="tokens">All tokens of the sequence, expanded.</param>
    /// <param name="start">The first of those that were added.</param>
    /// <param name="count">How many were added.</param>
    /// <param name="features">The features of all of the sequence's images.</param>
    public void Place(Batch batch, ReadOnlySpan<int> tokens, int start, int count, Tensor features)
    {
        int seen = tokens[..start].Count(Images.Token);
        for (int i = start; i < start + count; i++)
        {
            if (tokens[i] != Images.Token) continue;
            int end = i;
            while (end < start + count && tokens[end] == Images.Token) end++;
            batch.Place(new PlacedFeatures(features, seen, end - i, batch.Count - count + i - start));
            seen += end - i;
            i = end;
        }
    }
}
