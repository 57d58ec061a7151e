using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How a teacher's answers are learnt.</summary>
internal sealed record SequenceDistillationOptions : RoundOptions
{
    /// <summary>Who teaches.</summary>
    [Setting("Model whose answers are learnt, with the same tokens: a file or folder.", IsPath = true)]
    public string? Teacher { get; init; }

    /// <summary>How many answers each prompt gets.</summary>
    [Setting("Answers that the teacher gives to each prompt.", Least = 1)]
    public int Answers { get; init; } = 1;
}

/// <summary>A student learns what its teacher answers (Kim and Rush 2016, "Sequence-level knowledge distillation"; here drawn, not searched).</summary>
internal sealed class SequenceDistillation : LikelihoodRounds
{
    private readonly SequenceDistillationOptions options;
    private readonly Rollouts rollouts;

    /// <summary>The method.</summary>
    /// <param name="context">What every method is given.</param>
    /// <param name="options">The teacher and how it answers.</param>
    /// <exception cref="CaravanException">The teacher is missing or has other tokens.</exception>
    public SequenceDistillation(MethodContext context, SequenceDistillationOptions options)
        : base(context, options)
    {
        this.options = options;
        Model teacher = context.Others.LoadAlike(options.Teacher, "sequence_distillation.teacher", context.Policy.Model);
        rollouts = Rollouts.Of(context, new Policy(teacher), options.Rollouts);
    }

    /// <summary>How likely the student finds the teacher's answers to prompts that are held out.</summary>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass)
    {
        EncodedSequence[] answers = [.. Draw(Context.HeldOut, SeedOf(-1)).Select(item => item.Sequence)];
        if (answers.Length == 0) return new Dictionary<string, double>();
        return new Dictionary<string, double> { ["loss"] = -Context.Policy.Sums(pass, answers, Context.MicroBatchTokens).Sum() / answers.Sum(answer => answer.Counted) };
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        rollouts.Dispose();
        base.Dispose();
    }

    /// <inheritdoc/>
    protected override IEnumerable<AnswerItem> Gather(int round, IReadOnlyList<PackedBatch> parts) => Draw(parts, SeedOf(round));

    private IEnumerable<AnswerItem> Draw(IReadOnlyList<PackedBatch> parts, ulong seed) => rollouts
        .Draw(Prompts.Of(Context.Data.Text, parts), options.Answers, seed)
        .SelectMany(group => group)
        .Select(answer => new AnswerItem(answer.Prompt.Source.Origin.ToString(), answer.Sequence));
}
