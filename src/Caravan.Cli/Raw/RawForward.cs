using Caravan.Inference;
using Caravan.Kernels;
using Caravan.Models;
using Caravan.Tensors;
using Caravan.Tensors.Ops;

namespace Caravan.Cli;

/// <summary>Computes whole sequences at once, without pages: the plainest use of a model, and what others are compared with.</summary>
internal sealed class RawForward : IDisposable
{
    private readonly Model model;
    private readonly int threads;
    private readonly InstructionSet? instructionSet;
    private readonly Device device;
    private readonly Pass pass;
    private readonly Batch batch = new(), source = new();

    /// <summary>Prepares for a model, which stays the caller's.</summary>
    public RawForward(Model model, int threads, InstructionSet? instructionSet = null)
    {
        (this.model, this.threads, this.instructionSet) = (model, threads, instructionSet);
        device = new Device(threads, instructionSet);
        pass = new Pass(device);
    }

    /// <summary>The logits of a sequence; they stay until this is disposed.</summary>
    /// <param name="sequence">The tokens.</param>
    /// <param name="rows">Which of them get logits.</param>
    /// <param name="answer">For a model whose encoder reads the sequence: the tokens that get logits. Otherwise empty.</param>
    /// <exception cref="CaravanException">The model gave numbers that are not finite, or gives none.</exception>
    public RawLogits Compute(ReadOnlySpan<int> sequence, LogitRows rows, ReadOnlySpan<int> answer = default)
    {
        batch.Clear();
        batch.AddSequence(model.EncoderDecoder is null ? sequence : answer, rows);
        RawLogits logits = new(Forward(sequence));
        return logits.IsFinite() ? logits : throw LogitFaults.Explain(model, SamplingFault.NotANumber);
    }

    private Tensor Forward(ReadOnlySpan<int> sequence)
    {
        if (model.EncoderDecoder is { } both)
        {
            source.Clear();
            source.AddSequence(sequence, LogitRows.None);
            return both.Forward(pass, source, batch)!;
        }

        return model.Network is Encoder encoder
            ? encoder.Logits(pass, Embedding.Forward(pass, encoder.Forward(pass, batch), batch.LogitRows))
            : model.Decoder.Forward(pass, batch)!;
    }

    /// <summary>The most probable continuation, whatever the model says about the end of the text.</summary>
    public IReadOnlyList<int> Continue(int[] sequence, int count)
    {
        if (count == 0) return [];
        return model.Generator.Spec.DependsOnLength ? Recompute(sequence, count) : Decode(sequence, count);
    }

    public void Dispose()
    {
        pass.Dispose();
        device.Dispose();
    }

    /// <summary>
    /// Where the rotation of every key depends on the length of the whole sequence, keys that were computed before keep an older rotation; the
    /// definition is without that, so every step starts from nothing.
    /// </summary>
    private List<int> Recompute(int[] sequence, int count)
    {
        using RawForward steps = new(model, threads, instructionSet);
        List<int> tokens = [.. sequence];
        for (int i = 0; i < count; i++)
        {
            tokens.Add(steps.Compute(tokens.ToArray(), LogitRows.Last).ArgMax(0));
            steps.pass.Reset();
        }

        return tokens[sequence.Length..];
    }

    private IReadOnlyList<int> Decode(int[] sequence, int count)
    {
        using Engine engine = new(
            model,
            new EngineOptions { Threads = threads, InstructionSet = instructionSet, ContextLength = checked(sequence.Length + count), KeyValueType = DType.F32 });
        GenerationRequest request = new() { Prompt = sequence, MaxTokens = count, Sampling = SamplingOptions.Greedy };
        return engine.Generate(request).Tokens;
    }
}
