using System.Text.Json;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Models.Tests;

/// <summary>
/// Loss and gradients of the tiny LLaMA against float64 numbers. Float32 tolerances of the fixtures: 1e-5 on losses,
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

    private double Norm(Tensor tensor) => Math.Sqrt(device.Kernels.SumOfSquares(tensor.Floats));
}
