namespace Caravan.Training;

/// <summary>How a student learns its teacher's distributions.</summary>
internal sealed record DistillationOptions
{
    /// <summary>Who teaches.</summary>
    [Setting("Model to learn from, with the same tokens: a file or folder.", IsPath = true)]
    public string? Teacher { get; init; }

    /// <summary>Which divergence.</summary>
    [Setting("Divergence of the student's distribution from the teacher's: forward KL covers all that the teacher does (Hinton et al. 2015), reverse KL keeps to what it is sure of (Gu et al. 2024), Jensen-Shannon stands between (Agarwal et al. 2024).")]
    public Divergence Divergence { get; init; } = Divergence.ForwardKl;

    /// <summary>τ.</summary>
    [Setting("Temperature of both distributions; 1 for none.", Least = 0.01)]
    public double Temperature { get; init; } = 1;

    /// <summary>β of the Jensen-Shannon divergence.</summary>
    [Setting("Teacher's share in the mixture of the Jensen-Shannon divergence.", Least = 0.001, Most = 0.999)]
    public double Mix { get; init; } = 0.5;

    /// <summary>How much the labels count.</summary>
    [Setting("Weight of the data's own labels in the loss, the divergence has the rest; 0 for the divergence alone.", Least = 0, Most = 0.999)]
    public double LikelihoodWeight { get; init; }
}

/// <summary>A student learns its teacher's distribution of every token that counts (Hinton et al. 2015).</summary>
/// <param name="context">What every method is given.</param>
/// <param name="options">The teacher and the divergence.</param>
internal sealed class Distillation(MethodContext context, DistillationOptions options) : TeacherMethod(context, options.Teacher, "distillation.teacher")
{
    private readonly DistillationLoss loss = new() { Divergence = options.Divergence, Temperature = options.Temperature, Mix = options.Mix };

    /// <inheritdoc/>
    protected override double LikelihoodWeight => options.LikelihoodWeight;

    /// <inheritdoc/>
    protected override RowLoss RowLoss => loss.Evaluate;
}
