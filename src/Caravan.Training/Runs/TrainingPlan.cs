using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>What a run will do, said before it begins.</summary>
internal sealed record TrainingPlan
{
    /// <summary>Where the model is, and its family.</summary>
    public required (string Path, string Family) Model { get; init; }

    /// <summary>Numbers that are learnt, and all numbers of the model and what is added to it.</summary>
    public required (long Learnt, long All) Parameters { get; init; }

    /// <summary>What needs how many bytes, the activations of the largest micro-batch among it.</summary>
    public required IReadOnlyList<(string What, long Bytes)> Memory { get; init; }

    /// <summary>Steps in all.</summary>
    public required int Steps { get; init; }

    /// <summary>Samples and tokens of the first step.</summary>
    public required (int Samples, long Tokens) FirstStep { get; init; }

    /// <summary>One pass over the data; null where it was not counted.</summary>
    public required EpochSize? Epoch { get; init; }

    /// <summary>Samples that are held out.</summary>
    public required int HeldOut { get; init; }

    /// <summary>The first sample, sequence by sequence, in pieces that count towards the loss or do not.</summary>
    public required IReadOnlyList<IReadOnlyList<(string Text, bool Counts)>> Example { get; init; }

    /// <summary>Tokens in all, about.</summary>
    public double Tokens => Epoch is { } epoch ? (double)epoch.Tokens / epoch.Steps * Steps : (double)FirstStep.Tokens * Steps;

    /// <summary>Bytes in all.</summary>
    public long Bytes => Memory.Sum(part => part.Bytes);

    /// <summary>The plan of a session that has not begun. A few tokens are passed forward and back to see how much memory activations need.</summary>
    /// <param name="session">What is to run.</param>
    public static TrainingPlan Of(TrainingSession session)
    {
        IReadOnlyList<EncodedSample> first = [.. session.Data.SelectMany(data => data.First(session.Settings.BatchSize))];
        return new TrainingPlan
        {
            Model = (session.Model.Path, session.Model.Family.Name),
            Parameters = CountParameters(session),
            Memory = [.. MemoryOf(session, first).Where(part => part.Bytes > 0)],
            Steps = session.Steps,
            FirstStep = (first.Count, session.Settings.TokensPerBatch * session.Data.Count ?? first.Sum(sample => (long)sample.Tokens)),
            Epoch = session.Epoch,
            HeldOut = session.Data.Sum(data => data.HeldOut.Sum(part => part.Samples.Count)),
            Example = [.. first.Take(1).SelectMany(sample => sample.Sequences).Select(sequence => Pieces(session.Model, sequence))],
        };
    }

    /// <summary>Numbers that are learnt, and all numbers of the model and what is added to it.</summary>
    public static (long Learnt, long All) CountParameters(TrainingSession session)
    {
        Tensor[] learnt = [.. session.Parameters.Select(parameter => parameter.Tensor)];
        return (learnt.Sum(tensor => tensor.Shape.Elements), session.Model.Weights.Union(learnt).Sum(tensor => tensor.Shape.Elements));
    }

    private static IEnumerable<(string What, long Bytes)> MemoryOf(TrainingSession session, IReadOnlyList<EncodedSample> samples)
    {
        Tensor[] weights = [.. session.Model.Weights];
        Optimizer optimizer = session.Loop.Optimizer;
        long learnt = session.Parameters.Sum(parameter => parameter.Values.Shape.Elements), together = Math.Min(session.Settings.MicroBatchTokens, samples.Sum(sample => (long)sample.Tokens));
        bool keepsGradients = optimizer.UsesGradients && optimizer.Fuse(session.Device, session.Parameters, 0) is null;
        yield return ("weights", weights.Sum(weight => (long)weight.Bytes.Length));
        yield return ("models that are only read", session.OtherBytes);
        yield return ("learnt beside the weights", session.Parameters.Where(parameter => !weights.Contains(parameter.Values)).Sum(parameter => (long)parameter.Values.Bytes.Length));
        yield return ("gradients", keepsGradients ? learnt * sizeof(float) : 0);
        yield return ("optimizer", optimizer.State.Sum(state => (long)state.Values.Bytes.Length));
        yield return ("activations (about)", samples.Count == 0 ? 0 : ActivationProbe.BytesPerToken(session, samples[0].Sequences[0]) * together);
    }

    private static List<(string Text, bool Counts)> Pieces(Model model, EncodedSequence sequence)
    {
        List<(string Text, bool Counts)> pieces = [];
        for (int start = 0; start < sequence.Tokens.Length;)
        {
            int end = start;
            bool counts = Counts(start);
            while (end < sequence.Tokens.Length && Counts(end) == counts) end++;
            pieces.Add((model.Tokenizer.Decode(sequence.Tokens.AsSpan(start, end - start), skipSpecial: false), counts));
            start = end;
        }

        return pieces;

        // A label stands at the row before the token that it is.
        bool Counts(int n) => n > 0 && sequence.Labels[n - 1] == sequence.Tokens[n];
    }
}
