using Caravan.Kernels;
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
    private readonly Tensor logScale, ones;

    internal Clip(ClipSpec spec, WeightReader weights)
    {
        this.spec = spec;
        text = new Encoder(spec.Text, weights, TextPrefix);
        Vision = new VisionTower(spec.Vision, weights, VisionPrefix);
        textProjection = new Projection(weights, $"{TextPrefix}projection", spec.VectorSize, spec.HiddenSize, hasBias: false);
        imageProjection = new Projection(weights, $"{VisionPrefix}projection", spec.VectorSize, spec.Vision.HiddenSize, hasBias: false);
        logScale = weights.Table("log_scale", 1, 1);
        ones = weights.Constant(spec.VectorSize, 1);
    }

    /// <inheritdoc/>
    public override string Kind => "text and image encoder";

    /// <summary>The tower for images.</summary>
    public VisionTower Vision { get; }

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

    /// <summary>How much images and texts belong together: e^t · cos(image, text), t learned (Radford et al. 2021, fig. 3).</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="texts">Whole texts, each with the token that ends one.</param>
    /// <param name="images">Each image's normalised pixels, [channels, height, width].</param>
    /// <returns>[images, texts] F32.</returns>
    public Tensor Similarities(Pass pass, Batch texts, IReadOnlyList<float[]> images)
    {
        Tensor scales = Embedding.Forward(pass, Activation.Forward(pass, ActivationFunction.Exponential, logScale), new int[images.Count]);
        return Linear.Forward(pass, RowScale.Forward(pass, Directions(pass, ImageVectors(pass, images)), scales), Directions(pass, TextVectors(pass, texts)));
    }

    /// <summary>The normalised row of each image that stands for all of it.</summary>
    internal Tensor Pooled(Pass pass, Tensor rows, int images)
    {
        int[] first = [.. Enumerable.Range(0, images).Select(i => i * (1 + spec.Vision.Patches))];
        return Vision.Norm(pass, Embedding.Forward(pass, rows, first));
    }

    /// <summary>Vectors divided by their lengths, which are √V times their root mean squares.</summary>
    private Tensor Directions(Pass pass, Tensor vectors) => Scale.Forward(pass, RmsNorm.Forward(pass, vectors, ones, epsilon: 0), 1 / MathF.Sqrt(spec.VectorSize));

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
