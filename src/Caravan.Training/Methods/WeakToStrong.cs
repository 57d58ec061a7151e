namespace Caravan.Training;

/// <summary>How a strong student learns from a weak teacher.</summary>
internal sealed record WeakToStrongOptions
{
    /// <summary>Who teaches.</summary>
    [Setting("Weak model that labels the data, with the same tokens: a file or folder.", IsPath = true)]
    public string? Teacher { get; init; }

    /// <summary>α.</summary>
    [Setting("How far the student trusts its own likeliest token instead of the teacher's; 0 for not.", Least = 0, Most = 1)]
    public double Confidence { get; init; } = new WeakToStrongLoss().Confidence;

    /// <summary>How slowly the trust rises.</summary>
    [Setting("Steps over which the trust rises from 0; 0 for at once (Burns et al. 2023: a fifth of all).", Least = 0)]
    public int WarmupSteps { get; init; }
}

/// <summary>
/// A strong student learns the tokens that a weak teacher finds likeliest, and trusts itself more and more where it is sure (Burns et al. 2023,
/// "Weak-to-strong generalization").
/// </summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">The teacher and the trust.</param>
internal sealed class WeakToStrong(MethodContext context, WeakToStrongOptions options) : TeacherMethod(context, options.Teacher, "weak_to_strong.teacher")
{
    private WeakToStrongLoss loss = new();

    /// <inheritdoc/>
    protected override RowLoss RowLoss => (teacher, student, weight, gradient) => loss.Evaluate(Likeliest(teacher), student, weight, gradient);

    /// <inheritdoc/>
    protected override void Begin(int step, IReadOnlyList<PackedBatch> parts) =>
        loss = new WeakToStrongLoss(options.Confidence * (options.WarmupSteps == 0 ? 1 : Math.Min(1, (double)step / options.WarmupSteps)));

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        int best = 0;
        for (int k = 1; k < logits.Length; k++)
            if (logits[k] > logits[best]) best = k;
        return best;
    }
}
