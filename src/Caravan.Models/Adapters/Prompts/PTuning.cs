using Caravan.Kernels;

namespace Caravan.Models;

/// <summary>
/// A small network that gives the embeddings of virtual tokens is learnt (Liu et al. 2021, "GPT Understands, Too": P-tuning). Of what was learnt only
/// the embeddings are kept in the end.
/// </summary>
internal static class PTuning
{
    /// <summary>Three linear layers with ReLU between them.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">Virtual tokens.</param>
    /// <param name="hidden">Features between the layers.</param>
    /// <param name="seed">Of the first values.</param>
    public static VirtualTokens Perceptron(Model model, int count, int hidden, ulong seed)
    {
        long width = model.Adapters.Embedding.Shape.Columns;
        return new VirtualTokens(new PerceptronRows(count, [width, hidden, hidden, width], ActivationFunction.Relu, "mlp_head", seed), PromptPlace.Embeddings);
    }

    /// <summary>A bidirectional LSTM and two linear layers.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">Virtual tokens.</param>
    /// <param name="hidden">Features of the LSTM in each direction.</param>
    /// <param name="depth">Its layers; 2 as a rule.</param>
    /// <param name="seed">Of the first values.</param>
    public static VirtualTokens Recurrent(Model model, int count, int hidden, int depth, ulong seed) =>
        new(new RecurrentRows(count, model.Adapters.Embedding.Shape.Columns, hidden, depth, seed), PromptPlace.Embeddings);
}
