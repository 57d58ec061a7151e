using Caravan.Kernels;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Models;

/// <summary>
/// LLaMA-Adapter (Zhang et al. 2023, eq. 3–7, as PEFT has it): the queries of a layer attend to learnt rows too, by a softmax of its own, and a gate
/// that begins at 0 says how much of that is added: y = attention(q, k, v) + g · softmax(scale · q·(P·Wₖᵀ)ᵀ)·(P·Wᵥᵀ).
/// </summary>
internal sealed class AdaptionPrompt : IDisposable
{
    /// <summary>PEFT's names of what is learnt.</summary>
    public const string PromptName = "adaption_prompt", GateName = "adaption_gate";

    /// <summary>One of learnt rows and their gate, which become its own.</summary>
    /// <param name="prompt">P: [M, D] F32.</param>
    /// <param name="gate">g: [1, 1] F32.</param>
    public AdaptionPrompt(Tensor prompt, Tensor gate)
    {
        (Prompt, Gate) = (prompt, gate);
        (prompt.Name, gate.Name) = (PromptName, GateName);
    }

    /// <summary>P.</summary>
    public Tensor Prompt { get; }

    /// <summary>g.</summary>
    public Tensor Gate { get; }

    /// <summary>What it has learnt.</summary>
    public IReadOnlyList<Tensor> Parameters => [Prompt, Gate];

    /// <summary>One for each of the last layers with attention: rows of the normal distribution, gates of 0.</summary>
    /// <param name="model">The model.</param>
    /// <param name="count">Learnt rows of a layer.</param>
    /// <param name="layers">How many layers, from the last.</param>
    /// <param name="seed">Of the first values.</param>
    /// <returns>By the name of the layer's attention.</returns>
    /// <exception cref="CaravanException">The model has fewer such layers.</exception>
    public static IReadOnlyDictionary<string, AdaptionPrompt> ForLastLayers(Model model, int count, int layers, ulong seed)
    {
        string[] names = [.. model.Adapters.Attentions.Keys];
        if (layers < 1 || layers > names.Length)
            throw new CaravanException($"Adaption prompts were asked for {layers} layers, but '{model.Path}' has {names.Length} with attention; ask for 1 to {names.Length}.");
        return names[^layers..].ToDictionary(name => name, name => new AdaptionPrompt(
            InitialValues.Normal(Tensor.Allocate(new Shape(count, model.Spec.HiddenSize)), 1, Noise.Mix(seed, Noise.StreamOf(name))), Tensor.Allocate(new Shape(1, 1))));
    }

    /// <summary>What queries gather, with what they gather of the learnt rows.</summary>
    /// <param name="pass">The pass in progress.</param>
    /// <param name="shape">Heads and scale of the layer.</param>
    /// <param name="queries">[N, heads · headSize] F32, rotated.</param>
    /// <param name="keys">[M, keyValueHeads · headSize] F32: P by the layer's weights.</param>
    /// <param name="values">[M, keyValueHeads · headSize] F32: P by the layer's weights.</param>
    /// <param name="mixed">[N, heads · headSize] F32: what they gather of their sequences.</param>
    /// <returns>[N, heads · headSize] F32.</returns>
    public Tensor Forward(Pass pass, in AttentionShape shape, Tensor queries, Tensor keys, Tensor values, Tensor mixed)
    {
        int count = checked((int)queries.Shape.Rows);
        NativeSpan<AttentionSegment> all = pass.Workspace.Take<AttentionSegment>(1);
        all[0] = new AttentionSegment(0, count, checked((int)keys.Shape.Rows));
        AttentionShape open = shape with { Causal = false, Window = 0, Bias = default };
        NativeSpan<int> first = pass.Workspace.Take<int>(count);
        first.Clear();
        Tensor gathered = Attention.Forward(pass, open, all, queries, keys, values);
        return Add.Forward(pass, mixed, RowScale.Forward(pass, gathered, Embedding.Forward(pass, Gate, first.AsSpan())));
    }

    /// <summary>Frees what was learnt.</summary>
    public void Dispose()
    {
        foreach (Tensor parameter in Parameters) parameter.Dispose();
    }
}
