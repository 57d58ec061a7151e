using System.Text.Json;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>
/// Loss, gradients and AdamW steps of the tiny LLaMA against float64 numbers. Float32 tolerances of the fixtures: 1e-5 on losses,
/// 1e-4 relative on gradient norms.
/// </summary>
public sealed class TrainingGoldenTests : IDisposable
{
    private const double LossTolerance = 1e-5;
    private const double NormTolerance = 1e-4;

    private readonly Device device = new(2);

    public void Dispose() => device.Dispose();

    [FixtureTheory]
    [InlineData("full", "labels_full")]
    [InlineData("masked", "labels_masked")]
    public void LossAndGradients(string part, string labels)
    {
        using Learner learner = new(device, labels);
        double loss = learner.LossAndGradients();
        JsonElement expected = learner.Golden.GetProperty(part);
        Assert.Equal(expected.GetProperty("loss").GetDouble(), loss, LossTolerance);
        double sum = 0;
        foreach (JsonProperty norm in expected.GetProperty("gradient_l2_norms").EnumerateObject())
        {
            double actual = Norm(learner.Parameter(norm.Name).Gradient!);
            Assert.Equal(norm.Value.GetDouble(), actual, NormTolerance * norm.Value.GetDouble());
            sum += actual * actual;
        }

        double global = expected.GetProperty("global_gradient_norm").GetDouble();
        Assert.Equal(global, Math.Sqrt(sum), NormTolerance * global);
        foreach (JsonProperty gradient in expected.GetProperty("gradients").EnumerateObject()) CheckGradient(learner, gradient);
    }

    [FixtureFact]
    public void FiveAdamWSteps()
    {
        using Learner learner = new(device, "labels_full");
        CheckSteps(learner, learner.Golden.GetProperty("adamw_5_steps"), decaysNorms: true, clips: false);
    }

    [FixtureFact]
    public void FiveAdamWStepsWithClippingCosineAndNoDecayOnNorms()
    {
        using Learner learner = new(device, "labels_masked");
        CheckSteps(learner, learner.Golden.GetProperty("adamw_clip_cosine"), decaysNorms: false, clips: true);
    }

    private static void CheckGradient(Learner learner, JsonProperty gradient)
    {
        string name = gradient.Name.Split('[')[0];
        Tensor parameter = learner.Parameter(name);
        int first = 0;
        if (gradient.Name.Length > name.Length) first = int.Parse(gradient.Name[(name.Length + 1)..^1].Split(':')[0]);
        double[] expected = gradient.Value[0].ValueKind == JsonValueKind.Array
            ? [.. gradient.Value.Deserialize<double[][]>()!.SelectMany(row => row)]
            : gradient.Value.Deserialize<double[]>()!;
        double scale = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], parameter.Gradient!.Floats[(first * parameter.Shape.Columns) + i], NormTolerance * scale);
    }

    private void CheckSteps(Learner learner, JsonElement expected, bool decaysNorms, bool clips)
    {
        double[] losses = expected.GetProperty("losses_before_each_step_then_final").Deserialize<double[]>()!;
        double[] norms = expected.GetProperty("gradient_norms_before_clipping").Deserialize<double[]>()!;
        double[] rates = expected.GetProperty("learning_rates").Deserialize<double[]>()!;
        for (int step = 0; step < rates.Length; step++)
        {
            Assert.Equal(losses[step], learner.LossAndGradients(), LossTolerance);
            double norm = Math.Sqrt(learner.Parameters.Sum(parameter => device.Kernels.SumOfSquares(parameter.Gradient!.Floats)));
            Assert.Equal(norms[step], norm, NormTolerance * norms[step]);
            float scale = clips ? (float)Math.Min(1, 1 / (norm + 1e-6)) : 1;
            learner.AdamW((float)rates[step], step + 1, scale, decaysNorms);
        }

        Assert.Equal(losses[^1], learner.LossAndGradients(), LossTolerance);
        foreach (JsonProperty norm in expected.GetProperty("final_parameter_l2_norms").EnumerateObject())
            Assert.Equal(norm.Value.GetDouble(), Norm(learner.Parameter(norm.Name)), 1e-5 * norm.Value.GetDouble());
    }

    private double Norm(Tensor tensor) => Math.Sqrt(device.Kernels.SumOfSquares(tensor.Floats));
}
