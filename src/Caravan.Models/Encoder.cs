using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>A model that turns tokens into as many rows of features, and where it has the heads for it, rows into a vector of the text or guesses of tokens.</summary>
internal sealed class Encoder : Network
{
    private readonly Stack stack;
    private readonly Projection? pooler, transform;
    private readonly NormBlock? headNorm;
    private readonly LinearWeights head;

    /// <summary>The encoder of a specification.</summary>
    /// <param name="spec">How it computes.</param>
    /// <param name="weights">The checkpoint.</param>
    /// <param name="prefix">What stands before the names of its weights; empty where it stands alone.</param>
    /// <param name="embedding">A token embedding that it shares; null for one of its own.</param>
    public Encoder(EncoderSpec spec, WeightReader weights, string prefix = "", Tensor? embedding = null)
    {
        Spec = spec;
        stack = new Stack(spec, weights, prefix, embedding);
        if (spec.HasPooler) pooler = new Projection(weights, $"{prefix}pooler", spec.HiddenSize, spec.HiddenSize, hasBias: true);
        if (spec.MaskedHead is not { } masked) return;
        transform = new Projection(weights, $"{prefix}head_transform", spec.HiddenSize, spec.HiddenSize, hasBias: true);
        headNorm = new NormBlock(masked.Norm, $"{prefix}head_norm", spec.HiddenSize, weights);
        head = new LinearWeights(
            masked.Tied ? stack.Embedding : weights.Matrix($"{prefix}head.weight", spec.VocabularySize, spec.HiddenSize), weights.Vector($"{prefix}head.bias", spec.VocabularySize));
    }

    /// <inheritdoc/>
    public override string Kind => "encoder";

    /// <summary>How it computes.</summary>
    public EncoderSpec Spec { get; }

    /// <summary>The rows of a batch, or what they are after some of the layers.</summary>
    /// <param name="pass">The pass to compute in; with a tape for training.</param>
    /// <param name="batch">Whole sequences.</param>
    /// <param name="layers">After how many layers; null for all of them and the norm behind. 0 means the embedding.</param>
    /// <returns>[N, D] F32 in the pass's workspace.</returns>
    public Tensor Forward(Pass pass, Batch batch, int? layers = null)
    {
        Tensor x = stack.Forward(pass, batch, count: layers);
        return layers is null ? stack.Norm(pass, x) : x;
    }

    /// <summary>One vector for each sequence.</summary>
    /// <param name="pass">The pass to compute in.</param>
    /// <param name="rows">[N, D] F32, as <see cref="Forward"/> gives them.</param>
    /// <param name="batch">The batch they are of.</param>
    /// <param name="pooling">Which vector.</param>
    /// <returns>[S, D] F32.</returns>
    /// <exception cref="CaravanException">The model has no pooler.</exception>
    public Tensor Pool(Pass pass, Tensor rows, Batch batch, Pooling pooling)
    {
        if (pooling != Pooling.Projected) return PooledRows.Of(pass, rows, batch, pooling);
        if (pooler is null) throw new CaravanException("The model has no pooler, a projection of the first row; take the first row itself, or the mean.");
        return Activation.Forward(pass, ActivationFunction.Tanh, pooler.Forward(pass, PooledRows.Of(pass, rows, batch, Pooling.First)));
    }

    /// <summary>The logits of masked tokens.</summary>
    /// <param name="pass">The pass to compute in.</param>
    /// <param name="rows">[N, D] F32, as <see cref="Forward"/> gives them.</param>
    /// <returns>[N, V] F32.</returns>
    /// <exception cref="CaravanException">The model has no such head.</exception>
    public Tensor Logits(Pass pass, Tensor rows)
    {
        if (Spec.MaskedHead is not { } masked) throw new CaravanException("The model has no head that guesses masked tokens; it was saved without one.");
        Tensor x = Activation.Forward(pass, masked.Activation, transform!.Forward(pass, rows));
        return Linear.Forward(pass, headNorm!.Forward(pass, x), head.Weight, head.Bias);
    }
}
