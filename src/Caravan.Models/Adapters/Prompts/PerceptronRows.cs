using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>Rows that a network of linear layers with a function between them makes of rows that are learnt: rows = Wₙ·f(… f(W₁·e + b₁) …) + bₙ.</summary>
internal sealed class PerceptronRows : PromptEncoder
{
    private readonly Tensor embedding;
    private readonly LinearWeights[] layers;
    private readonly ActivationFunction function;

    /// <summary>One whose weights begin at random.</summary>
    /// <param name="count">P.</param>
    /// <param name="widths">Features of the rows that are learnt, then of what each layer gives.</param>
    /// <param name="function">f.</param>
    /// <param name="name">What the layers are called; they are numbered as PyTorch does, with the functions between them.</param>
    /// <param name="seed">Of the first values.</param>
    public PerceptronRows(int count, ReadOnlySpan<long> widths, ActivationFunction function, string name, ulong seed)
    {
        this.function = function;
        embedding = Rows(count, widths[0], seed);
        layers = new LinearWeights[widths.Length - 1];
        for (int i = 0; i < layers.Length; i++) layers[i] = Linear($"{name}.{2 * i}", widths[i + 1], widths[i], seed);
    }

    /// <inheritdoc/>
    public override int Count => (int)embedding.Shape[0];

    /// <inheritdoc/>
    public override long Width => layers[^1].Weight.Shape[0];

    /// <inheritdoc/>
    public override Tensor Forward(Pass pass)
    {
        Tensor x = Tensors.Ops.Linear.Forward(pass, embedding, layers[0].Weight, layers[0].Bias);
        foreach (LinearWeights layer in layers.AsSpan(1)) x = Tensors.Ops.Linear.Forward(pass, Activation.Forward(pass, function, x), layer.Weight, layer.Bias);
        return x;
    }
}
