using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>Finds out how much memory a model's activations need, by passing a few tokens forward and back.</summary>
internal static class ActivationProbe
{
    /// <summary>Enough that what does not grow with tokens hardly counts, few enough that a large model answers soon.</summary>
    private const int Tokens = 64;

    /// <summary>Bytes of activations and their gradients for each token that passes at once.</summary>
    /// <param name="session">Whose model it is.</param>
    /// <param name="sequence">A sequence, of which the beginning is passed.</param>
    public static long BytesPerToken(TrainingSession session, EncodedSequence sequence)
    {
        int[] tokens = sequence.Tokens[..Math.Min(Tokens, sequence.Tokens.Length)];
        using Pass pass = new(session.Device, session.Loop.Optimizer.UsesGradients ? new Tape() : null)
        {
            RecomputesLayers = session.Settings.RecomputeLayers, LeafGradients = new Discarded(),
        };
        Batch batch = new();
        batch.AddScored(tokens, [.. tokens.Skip(1), tokens[0]]);
        Tensor loss = session.Model.Decoder.Loss(pass, batch, batch.Labels, tokens.Length);
        if (loss.RequiresGradient) pass.Tape!.Backward(pass, loss);
        return pass.UsedBytes / tokens.Length;
    }

    /// <summary>Gradients of weights are counted elsewhere.</summary>
    private sealed class Discarded : ILeafGradients
    {
        public Tensor Lend(Tensor leaf) => Tensor.Allocate(leaf.Shape);

        public void Complete(Tensor leaf)
        {
            leaf.Gradient!.Dispose();
            leaf.Gradient = null;
        }
    }
}
