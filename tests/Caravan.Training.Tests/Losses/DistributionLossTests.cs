namespace Caravan.Training.Tests;

/// <summary>Losses over rows of logits. Their gradients are added as floats: 2⁻²⁴ of numbers below 8.</summary>
public class DistributionLossTests
{
    private const double Tolerance = 1e-6;

    public static TheoryData<string, double, double> Divergences
    {
        get
        {
            TheoryData<string, double, double> data = [];
            foreach (string divergence in Enum.GetNames<Divergence>())
            {
                data.Add(divergence, 1, 0.5);
                data.Add(divergence, 2, 0.1);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Divergences))]
    public void DistillationIsItsFormulaAndItsGradientTheSlope(string name, double temperature, double mix)
    {
        DistillationLoss loss = new() { Divergence = Enum.Parse<Divergence>(name), Temperature = temperature, Mix = mix };
        float[] teacher = [1.5f, -0.25f, 0.5f, 3], student = [0.25f, 1, -2, 0.75f];
        double[] p = Softmax(teacher, temperature), q = Softmax(student, temperature);
        double[] m = [.. p.Zip(q, (a, b) => (mix * a) + ((1 - mix) * b))];
        double expected = loss.Divergence switch
        {
            Divergence.ForwardKl => Kl(p, q),
            Divergence.ReverseKl => Kl(q, p),
            _ => (mix * Kl(p, m)) + ((1 - mix) * Kl(q, m)),
        };
        float[] gradient = [1, 1, 1, 1];
        Assert.Equal(0.5 * temperature * temperature * expected, loss.Evaluate(teacher, student, 0.5, gradient), 1e-12);
        CheckSlope([.. gradient.Select(slope => slope - 1.0)], student, at => loss.Evaluate(teacher, at, 0.5, new float[4]));
    }

    [Theory]
    [MemberData(nameof(Divergences))]
    public void AStudentLikeItsTeacherLearnsNothingAndExtremesStayNumbers(string name, double temperature, double mix)
    {
        DistillationLoss loss = new() { Divergence = Enum.Parse<Divergence>(name), Temperature = temperature, Mix = mix };
        float[] logits = [5, -2, 0], gradient = new float[3];
        Assert.Equal(0, loss.Evaluate(logits, logits, 1, gradient), 1e-12);
        Assert.All(gradient, slope => Assert.Equal(0, slope, Tolerance));
        double value = loss.Evaluate([0, 9000, -9000], [9000, -9000, -5000], 1, gradient);
        Assert.True(double.IsFinite(value));
        Assert.All(gradient, slope => Assert.True(float.IsFinite(slope)));
    }

    [Fact]
    public void WeakToStrongIsItsFormulaAndItsGradientTheSlope()
    {
        float[] logits = [0.25f, 1, -2, 0.75f], gradient = new float[4];
        double[] q = Softmax(logits, 1);
        WeakToStrongLoss loss = new(0.3);
        Assert.Equal(-0.5 * ((0.7 * Math.Log(q[2])) + (0.3 * Math.Log(q[1]))), loss.Evaluate(2, logits, 0.5, gradient), 1e-12);
        CheckSlope([.. gradient.Select(slope => (double)slope)], logits, at => loss.Evaluate(2, at, 0.5, new float[4]));
    }

    [Fact]
    public void RrhfIsItsFormulaAndItsGradientTheSlope()
    {
        double[] logs = [-4, -9, -8], scores = [0.2, 0.9, 0.5];
        int[] lengths = [4, 3, 2];
        LossAndGradient result = new RrhfLoss().Evaluate(logs, lengths, scores);
        // Means are -1, -3 and -4: the worst leads the best by 2 and the second by 3, the second does not lead the best.
        Assert.Equal(2 + 3 + 9, result.Loss, 1e-12);
        Slope.Check(result.Gradient, logs, at => new RrhfLoss().Evaluate(at, lengths, scores).Loss);
    }

    [Fact]
    public void ForgettingIsItsFormulaAndItsGradientTheSlope()
    {
        double[] policy = [-4, -9, -8], reference = [-5, -8, -2];
        NpoLoss loss = new() { Beta = 0.5 };
        LossAndGradient result = loss.Evaluate(policy, reference);
        Assert.Equal(policy.Zip(reference, (p, r) => 4 * Math.Log(1 + Math.Exp(0.5 * (p - r)))).Average(), result.Loss, 1e-12);
        Slope.Check(result.Gradient, policy, at => loss.Evaluate(at, reference).Loss);
        // As β falls, its slope becomes gradient ascent's.
        Assert.All(new NpoLoss { Beta = 1e-9 }.Evaluate(policy, reference).Gradient, slope => Assert.Equal(1 / 3.0, slope, 1e-6));
        GradientAscentLoss ascent = new() { RetainWeight = 0.5 };
        LossAndGradient ascended = ascent.Evaluate(policy, [-1, -3]);
        Assert.Equal(-7 + 1, ascended.Loss, 1e-12);
        Slope.Check(ascended.Gradient, [.. policy, -1, -3], at => ascent.Evaluate(at[..3], at[3..]).Loss);
        Assert.Equal(-7, ascent.Evaluate(policy, []).Loss, 1e-12);
    }

    private static double[] Softmax(float[] logits, double temperature)
    {
        double sum = logits.Sum(logit => Math.Exp(logit / temperature));
        return [.. logits.Select(logit => Math.Exp(logit / temperature) / sum)];
    }

    private static double Kl(double[] p, double[] q) => p.Zip(q, (a, b) => a * Math.Log(a / b)).Sum();

    /// <summary>Steps of 2⁻¹⁰, which floats hold exactly: the formula errs by their square, 1e-6.</summary>
    private static void CheckSlope(double[] gradient, float[] at, Func<float[], double> loss)
    {
        for (int i = 0; i < at.Length; i++)
        {
            float[] up = [.. at], down = [.. at];
            up[i] += 1 / 1024f;
            down[i] -= 1 / 1024f;
            Assert.Equal((loss(up) - loss(down)) * 512, gradient[i], Tolerance);
        }
    }
}
