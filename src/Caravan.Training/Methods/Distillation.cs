namespace Caravan.Training;

/// <summary>How a student learns its teacher's distributions.</summary>
internal sealed record DistillationOptions
{
    /// <summary>Who teaches.</summary>
    [Setting("Model to learn from, with the same tokens: a file or folder.", IsPath = true)]
    public string? Teacher { get; init; }

    /// <summary>Which divergence.</summary>
    [Setting("Divergence of the student's distribution from the teacher's.")]
    public DistillationLoss Loss { get; init; } = new();

    /// <summary>How much the labels count.</summary>
    [Setting("Weight of the data's own labels in the loss, the divergence has the rest; 0 for the divergence alone.", Least = 0, Most = 0.999)]
    public double LikelihoodWeight { get; init; }
}

/// <summary>A student learns its teacher's distribution of every token that counts (Hinton et al. 2015).</summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">The teacher and the divergence.</param>
internal sealed class Distillation(MethodContext context, DistillationOptions options) : TeacherMethod(context, options.Teacher, "distillation.teacher")
{
    /// <inheritdoc/>
    protected override double LikelihoodWeight => options.LikelihoodWeight;

    /// <inheritdoc/>
    protected override RowLoss RowLoss => options.Loss.Evaluate;
}
