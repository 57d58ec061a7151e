using System.Text.Json.Nodes;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>A method whose batches are samples of a dataset.</summary>
/// <param name="context">What every method is given.</param>
internal abstract class DataMethod(MethodContext context) : Method
{
    /// <summary>What every method is given.</summary>
    protected MethodContext Context => context;

    /// <inheritdoc/>
    public override IReadOnlyList<MicroBatch> Draw(int step)
    {
        IReadOnlyList<PackedBatch> parts = context.Data.Draw();
        BatchSize size = new(parts.Sum(part => part.Samples.Count), parts.Sum(part => (long)part.Counted));
        return [.. parts.Select(part => new MicroBatch(part.Tokens, OriginOf(part), pass => Loss(pass, part, size)))];
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass)
    {
        Observations.Clear();
        foreach (PackedBatch part in context.HeldOut)
        {
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
    public override JsonObject Save() => context.Data.Save();

    /// <inheritdoc/>
    public override void Restore(JsonObject state) => context.Data.Restore(state);

    /// <summary>The share that a part has in the loss of its batch.</summary>
    /// <param name="pass">The pass to compute in.</param>
    /// <param name="part">Some of the batch's samples.</param>
    /// <param name="batch">How large the whole batch is: its loss is a mean.</param>
    protected abstract Tensor Loss(Pass pass, PackedBatch part, BatchSize batch);

    /// <summary>How much a part counts in the mean over all that is held out.</summary>
    protected virtual double WeightOf(PackedBatch part) => part.Samples.Count;

    private static string OriginOf(PackedBatch part) => string.Join(", ", part.Samples.Select(sample => sample.Source.Origin));
}
