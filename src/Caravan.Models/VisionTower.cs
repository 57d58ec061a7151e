using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// Images to rows of features.
/// <code>
/// pixels → squares → linear ┐
/// [ class vector, squares ] + position → norm → layers → rows
/// </code>
/// </summary>
internal sealed class VisionTower : Network
{
    private readonly Stack stack;
    private readonly Tensor patches;

    /// <summary>The tower of a specification.</summary>
    /// <param name="spec">How it computes.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="prefix">What stands before the names of its weights.</param>
    public VisionTower(VisionSpec spec, WeightReader weights, string prefix)
    {
        Spec = spec;
        patches = weights.Matrix($"{prefix}patches.weight", spec.HiddenSize, spec.PatchNumbers);
        stack = new Stack(spec, weights, prefix);
    }

    /// <inheritdoc/>
    public override string Kind => "image encoder";

    /// <summary>How it computes.</summary>
    public VisionSpec Spec { get; }

    /// <summary>The rows of images, the one that stands for all of an image first.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="images">Each image's normalised pixels, [channels, height, width].</param>
    /// <param name="layers">After how many layers; null for all. The norm behind them is not applied.</param>
    /// <returns>[images · (1 + patches), D] F32.</returns>
    public Tensor Forward(Pass pass, IReadOnlyList<float[]> images, int? layers = null)
    {
        Tensor squares = pass.Workspace.Rent(new Shape((long)images.Count * Spec.Patches, Spec.PatchNumbers));
        for (int i = 0; i < images.Count; i++) Cut(images[i], squares.Floats.Slice((long)i * Spec.Patches * Spec.PatchNumbers, (long)Spec.Patches * Spec.PatchNumbers));
        Tensor features = Linear.Forward(pass, squares, patches);
        Batch batch = new();
        for (int i = 0; i < images.Count; i++)
        {
            batch.Place(new PlacedFeatures(features, i * Spec.Patches, Spec.Patches, batch.Count + 1));
            batch.AddSequence(new int[1 + Spec.Patches], LogitRows.None);
        }

        return stack.Forward(pass, batch, count: layers);
    }

    /// <summary>The norm behind the layers.</summary>
    public Tensor Norm(Pass pass, Tensor rows) => stack.Norm(pass, rows);

    /// <summary>Squares as rows: channel by channel, line by line, as filters have their weights.</summary>
    private void Cut(float[] pixels, NativeSpan<float> rows)
    {
        int edge = Spec.PatchSize, across = Spec.ImageSize / edge, line = Spec.ImageSize, to = 0;
        if (pixels.Length != Spec.Channels * line * line) throw new ArgumentException($"{pixels.Length} pixels are not {Spec.Channels} times {line} by {line}.");
        for (int patch = 0; patch < Spec.Patches; patch++)
            for (int channel = 0; channel < Spec.Channels; channel++)
                for (int y = 0; y < edge; y++, to += edge)
                {
                    int from = (((channel * line) + (patch / across * edge) + y) * line) + (patch % across * edge);
                    pixels.AsSpan(from, edge).CopyTo(rows.AsSpan(to, edge));
                }
    }
}
