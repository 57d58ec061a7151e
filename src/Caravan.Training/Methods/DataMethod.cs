using System.Text.Json.Nodes;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>A method whose batches are samples of a dataset.</summary>
/// <param name="context">What every method is given.</param>
/// <param name="side">Texts that are learnt beside; null for none.</param>
internal abstract class DataMethod(MethodContext context, SideTexts? side = null) : Method
{
    /// <summary>What every method is given.</summary>
    protected MethodContext Context => context;

    /// <inheritdoc/>
    public override IReadOnlyList<MicroBatch> Draw(int step)
    {
        IReadOnlyList<PackedBatch> parts = context.Data.Draw();
        Begin(step, parts);
        BatchSize size = new(parts.Sum(part => part.Samples.Count), parts.Sum(part => (long)part.Counted));
        return [.. parts.Select(part => new MicroBatch(part.Tokens, part.Origin, pass => Loss(pass, part, size))), .. side?.Draw(Observations) ?? []];
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass)
    {
        Observations.Clear();
        foreach (PackedBatch part in context.HeldOut)
        {
            Begin(int.MaxValue, [part]);
            pass.Reset();
            BatchSize size = new(part.Samples.Count, part.Counted);
            Observations.Add("loss", Loss(pass, part, size).Floats[0], WeightOf(part));
        }

        pass.Reset();
        IReadOnlyDictionary<string, double> means = Observations.Means;
        Observations.Clear();
        return means;
    }

    /// <inheritdoc/>
    public override JsonObject Save() => new() { ["data"] = context.Data.Save(), ["side"] = side?.Save() };

    /// <inheritdoc/>
    public override void Restore(JsonObject state)
    {
        context.Data.Restore(state["data"]!.AsObject());
        side?.Restore(state["side"]!.AsObject());
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        side?.Dispose();
        base.Dispose();
    }

    /// <summary>Looks at a batch before its parts are computed; by default not.</summary>
    /// <param name="step">Number of the step, from 0; <see cref="int.MaxValue"/> for data that is held out.</param>
    /// <param name="parts">All its parts.</param>
    protected virtual void Begin(int step, IReadOnlyList<PackedBatch> parts)
    {
    }

    /// <summary>The samples of a part, which must be of a kind.</summary>
    /// <param name="part">Some of the batch's samples.</param>
    /// <param name="wanted">What they should be, in words for messages, such as <c>preferences (prompt, chosen, rejected)</c>.</param>
    /// <exception cref="CaravanException">One is of another kind.</exception>
    protected static IReadOnlyList<T> SamplesOf<T>(PackedBatch part, string wanted)
        where T : Sample => [.. part.Samples.Select(sample => sample.Source as T
            ?? throw sample.Source.Origin.Problem($"holds {sample.Source.Kind}; this method learns from {wanted}."))];

    /// <summary>The share that a part has in the loss of its batch.</summary>
    /// <param name="pass">The pass to compute in.</param>
    /// <param name="part">Some of the batch's samples.</param>
    /// <param name="batch">How large the whole batch is: its loss is a mean.</param>
    protected abstract Tensor Loss(Pass pass, PackedBatch part, BatchSize batch);

    /// <summary>How much a part counts in the mean over all that is held out.</summary>
    protected virtual double WeightOf(PackedBatch part) => part.Samples.Count;
}
