using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Texts and images to vectors that are near where they belong together (Radford et al. 2021).</summary>
internal sealed class Clip : Network
{
    /// <summary>What stands before the names of the towers' weights.</summary>
    internal const string TextPrefix = "text.", VisionPrefix = "vision.";

    private readonly ClipSpec spec;
    private readonly Encoder text;
    private readonly Projection textProjection, imageProjection;
    private readonly Tensor logScale;

    internal Clip(ClipSpec spec, WeightReader weights)
    {
        this.spec = spec;
        text = new Encoder(spec.Text, weights, TextPrefix);
        Vision = new VisionTower(spec.Vision, weights, VisionPrefix);
        textProjection = new Projection(weights, $"{TextPrefix}projection", spec.VectorSize, spec.HiddenSize, hasBias: false);
        imageProjection = new Projection(weights, $"{VisionPrefix}projection", spec.VectorSize, spec.Vision.HiddenSize, hasBias: false);
        logScale = weights.Vector("log_scale", 1);
    }

    /// <inheritdoc/>
    public override string Kind => "text and image encoder";

    /// <summary>The tower for images.</summary>
    public VisionTower Vision { get; }

    /// <summary>e to the learned temperature: similarities, which are cosines, are multiplied by it.</summary>
    public float Scale => MathF.Exp(logScale.Floats[0]);

    /// <summary>The rows of texts.</summary>
    public Tensor TextRows(Pass pass, Batch batch) => text.Forward(pass, batch);

    /// <summary>The vectors of texts, not yet of length 1.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="batch">Whole texts, each with the token that ends one.</param>
    /// <returns>[S, V] F32.</returns>
    public Tensor TextVectors(Pass pass, Batch batch)
    {
        int[] ends = [.. Enumerable.Range(0, batch.Sequences).Select(i => End(batch, i))];
        return textProjection.Forward(pass, Embedding.Forward(pass, TextRows(pass, batch), ends));
    }

    /// <summary>The vectors of images, not yet of length 1.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="images">Each image's normalised pixels, [channels, height, width].</param>
    /// <returns>[images, V] F32.</returns>
    public Tensor ImageVectors(Pass pass, IReadOnlyList<float[]> images) => imageProjection.Forward(pass, Pooled(pass, Vision.Forward(pass, images), images.Count));

    /// <summary>The normalised row of each image that stands for all of it.</summary>
    internal Tensor Pooled(Pass pass, Tensor rows, int images)
    {
        int[] first = [.. Enumerable.Range(0, images).Select(i => i * (1 + spec.Vision.Patches))];
        return Vision.Norm(pass, Embedding.Forward(pass, rows, first));
    }

    /// <summary>The row of the first token that ends a text, or of the largest; the first row where there is none.</summary>
    private int End(Batch batch, int sequence)
    {
        int start = batch.Segments[sequence].QueryStart;
        ReadOnlySpan<int> tokens = batch.Tokens.Slice(start, batch.Segments[sequence].QueryCount);
        int wanted = spec.EndToken ?? 0;
        if (spec.EndToken is null)
            foreach (int token in tokens) wanted = Math.Max(wanted, token);
        return start + Math.Max(0, tokens.IndexOf(wanted));
    }
}
