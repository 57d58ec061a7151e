using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>How something is forgotten.</summary>
internal sealed record UnlearningOptions
{
    /// <summary>Which loss.</summary>
    [Setting("Loss of what is forgotten: npo, negative preference optimization, which stops by itself (Zhang et al. 2024), or ascent, plain gradient ascent (Jang et al. 2023).")]
    public ForgettingLoss Loss { get; init; }

    /// <summary>NPO's β.</summary>
    [Setting("How soon npo stops to push what is forgotten; towards 0 it becomes gradient ascent.", Least = 0.0001)]
    public double Beta { get; init; } = new NpoLoss().Beta;

    /// <summary>What stays.</summary>
    [Setting("Files of texts or conversations that must not be forgotten; as many of them as of the others are learnt in each step.", IsPath = true)]
    public IReadOnlyList<string> Retain { get; init; } = [];

    /// <summary>How much it weighs.</summary>
    [Setting("Weight of what must not be forgotten (the gradient difference of Liu et al. 2022).", Least = 0.0001)]
    public double RetainWeight { get; init; } = new GradientAscentLoss().RetainWeight;

    /// <summary>The texts to retain; null for none.</summary>
    public SideTexts? Texts(MethodContext context) => Retain.Count == 0 ? null : new SideTexts(context, Retain, RetainWeight, context.Data.Samples, "retain");
}

/// <summary>The losses of what is forgotten.</summary>
internal enum ForgettingLoss
{
    /// <summary>Negative preference optimization.</summary>
    Npo,

    /// <summary>Gradient ascent.</summary>
    Ascent,
}

/// <summary>Makes what the data says less likely while what is to be retained stays as likely as it is.</summary>
/// <param name="context">What every method is given; with a reference for NPO.</param>
/// <param name="options">How.</param>
internal sealed class Unlearning(MethodContext context, UnlearningOptions options) : DataMethod(context, options.Texts(context))
{
    private readonly NpoLoss npo = new() { Beta = options.Beta };
    private readonly GradientAscentLoss ascent = new();
    private readonly Pass reading = new(context.Device);

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
        EncodedSequence[] sequences = [.. part.Sequences];
        ScoredSequences policy = Context.Policy.Score(pass, sequences);
        Observations.Add("forget_loss", -policy.Sums.Sum() / part.Counted, part.Counted);
        if (options.Loss == ForgettingLoss.Ascent)
        {
            LossAndGradient result = ascent.Evaluate(policy.Tokens(), []);
            double share = (double)part.Counted / batch.Counted;
            return policy.ObjectiveOfTokens(pass, share * result.Loss, [.. result.Gradient.Select(slope => share * slope)]);
        }
        else
        {
            LossAndGradient result = npo.Evaluate(policy.Sums, Context.Reference!.Sums(reading, sequences, Context.MicroBatchTokens));
            double share = (double)part.Samples.Count / batch.Samples;
            return policy.Objective(pass, share * result.Loss, [.. result.Gradient.Select(slope => share * slope)]);
        }
    }
}
