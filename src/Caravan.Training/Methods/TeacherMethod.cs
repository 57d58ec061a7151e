using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Learning from a teacher's logits over the rows of a dataset that count. The logits of both models are made a few rows at a time, and gone with them.
/// </summary>
internal abstract class TeacherMethod : DataMethod
{
    private const long ChunkRows = 64;

    private readonly Model teacher;
    private readonly Policy policy;
    private readonly Pass reading;

    /// <summary>A method with a teacher.</summary>
    /// <param name="context">What every method is given.</param>
    /// <param name="path">The teacher's file or folder.</param>
    /// <param name="setting">What names it, for messages.</param>
    /// <exception cref="CaravanException">The teacher is missing or has other tokens.</exception>
    protected TeacherMethod(MethodContext context, string? path, string setting)
        : base(context)
    {
        teacher = context.Others.LoadAlike(path, setting, context.Policy.Model);
        policy = new Policy(teacher);
        reading = new Pass(context.Device);
    }

    /// <summary>Weight of the data's own labels: their negative log-likelihood, beside the loss of the rows.</summary>
    protected virtual double LikelihoodWeight => 0;

    /// <summary>The loss of a row.</summary>
    protected abstract RowLoss RowLoss { get; }

    /// <inheritdoc/>
    public override void Dispose()
    {
        reading.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override Tensor Loss(Pass pass, PackedBatch part, BatchSize batch)
    {
        LanguageModeling.Require(part);
        reading.Reset();
        Batch theirs = policy.Batch(part.Sequences), ours = Context.Policy.Batch(part.Sequences);
        Tensor known = teacher.Decoder.ScoredRows(reading, theirs), rows = Context.Policy.Model.Decoder.ScoredRows(pass, ours);
        Comparison comparison = new(this, theirs, known, ours, (1 - LikelihoodWeight) / batch.Counted);
        Tensor loss = Recomputation.Sum(pass, rows, comparison, ChunkRows);
        Observations.Add("divergence", loss.Floats[0] / (1 - LikelihoodWeight) * batch.Counted / part.Counted, part.Counted);
        if (LikelihoodWeight == 0) return loss;
        ScoredSequences labels = new(Context.Policy.Model.Decoder.TokenLogProbabilities(pass, rows, ours, ours.Labels), [part.Counted]);
        double share = LikelihoodWeight / batch.Counted;
        return Tensors.Ops.Add.Forward(pass, loss, labels.Objective(pass, -share * labels.Sums[0], [-share]));
    }

    /// <inheritdoc/>
    protected override double WeightOf(PackedBatch part) => part.Counted;

    private readonly record struct Comparison(TeacherMethod Method, Batch Theirs, Tensor Known, Batch Ours, double Weight) : IRecomputed
    {
        public Tensor Forward(Pass pass, Tensor rows, long first)
        {
            Tensor logits = Method.Context.Policy.Model.Decoder.LogitsOf(pass, rows, Ours);
            Tensor wanted = Method.teacher.Decoder.LogitsOf(Method.reading.Inner, Recomputation.Chunk(Method.reading, Known, first, rows.Shape.Rows), Theirs);
            int columns = (int)logits.Shape.Columns;
            float[] gradient = new float[logits.Shape.Elements];
            double sum = 0;
            RowLoss loss = Method.RowLoss;
            for (int row = 0; row < rows.Shape.Rows; row++)
            {
                sum += loss(
                    wanted.Floats.Slice((long)row * columns, columns).AsSpan(), logits.Floats.Slice((long)row * columns, columns).AsSpan(), Weight,
                    gradient.AsSpan(row * columns, columns));
            }

            Method.reading.Inner.Reset();
            return Tensors.Ops.Objective.Forward(pass, logits, sum, gradient);
        }
    }
}
