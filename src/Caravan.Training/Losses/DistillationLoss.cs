namespace Caravan.Training;

/// <summary>
/// A student learns its teacher's distribution of the next token at a temperature τ. The divergence is multiplied by τ², so that gradients keep
/// their size (Hinton et al. 2015, section 2).
/// </summary>
internal sealed class DistillationLoss
{
    private double[] teacherLogs = [], studentLogs = [], slopes = [];

    [Setting("Which divergence.")]
    public Divergence Divergence { get; init; } = Divergence.ForwardKl;

    [Setting("Temperature τ of both distributions; 1 for none.", Least = 0)]
    public double Temperature { get; init; } = 1;

    [Setting("Share β of the teacher in the mixture of jensen_shannon.", Least = 0, Most = 1)]
    public double Mix { get; init; } = 0.5;

    /// <summary>τ² times the divergence of one row.</summary>
    /// <param name="teacher">The teacher's logits, V floats.</param>
    /// <param name="student">The student's logits, V floats.</param>
    /// <param name="weight">Factor of this row, such as 1 / their number.</param>
    /// <param name="gradient">weight·∂loss/∂student is added here.</param>
    /// <returns>weight·loss. Gradient: with s_k = q_k·∂divergence/∂q_k, τ²·(s_k − q_k·Σ s) / τ.</returns>
    public double Evaluate(ReadOnlySpan<float> teacher, ReadOnlySpan<float> student, double weight, Span<float> gradient)
    {
        int count = student.Length;
        if (slopes.Length < count) (teacherLogs, studentLogs, slopes) = (new double[count], new double[count], new double[count]);
        SoftDistribution.LogSoftmax(teacher, Temperature, teacherLogs);
        SoftDistribution.LogSoftmax(student, Temperature, studentLogs);
        double loss = 0, mean = 0;
        for (int k = 0; k < count; k++)
        {
            (double part, slopes[k]) = Term(teacherLogs[k], studentLogs[k]);
            loss += part;
            mean += slopes[k];
        }

        double scale = weight * Temperature;
        for (int k = 0; k < count; k++) gradient[k] += (float)(scale * (slopes[k] - (Math.Exp(studentLogs[k]) * mean)));
        return scale * Temperature * loss;
    }

    /// <summary>A token's part of the divergence, and q·∂divergence/∂q up to a multiple of q that all tokens share.</summary>
    private (double Loss, double Slope) Term(double logP, double logQ)
    {
        double p = Math.Exp(logP), q = Math.Exp(logQ);
        switch (Divergence)
        {
            case Divergence.ForwardKl:
                return (p * (logP - logQ), -p);
            case Divergence.ReverseKl:
                return (q * (logQ - logP), q * (logQ - logP));
            default:
                // Where p and q both underflow there is no token.
                double m = (Mix * p) + ((1 - Mix) * q), logM = m == 0 ? 0 : Math.Log(m), fromStudent = q * (logQ - logM);
                return ((Mix * p * (logP - logM)) + ((1 - Mix) * fromStudent), (1 - Mix) * fromStudent);
        }
    }
}
