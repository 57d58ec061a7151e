using System.Text.Json;
using Caravan.Tensors;
using Caravan.Testing;

namespace Caravan.Training.Tests;

/// <summary>
/// Five steps of the tiny LLaMA against float64 numbers. Float32 tolerances of the fixtures: 1e-5 on losses, 1e-4 relative on gradient norms.
/// </summary>
public sealed class GoldenStepTests : IDisposable
{
    private readonly Device device = new(2);

    public void Dispose() => device.Dispose();

    [FixtureFact]
    public void AdamW() => CheckSteps("adamw_5_steps", "labels_full", new ScheduleOptions { Name = "constant", Rate = 1e-3 }, _ => true, clips: false);

    [FixtureFact]
    public void AdamWWithClippingCosineAndNoDecayOnNorms() => CheckSteps(
        "adamw_clip_cosine", "labels_masked", new ScheduleOptions { Name = "cosine", Rate = 1e-3, WarmupSteps = 2 }, weight => weight.Shape.Rank > 1, clips: true);

    private void CheckSteps(string part, string labels, ScheduleOptions rates, Func<Tensor, bool> decays, bool clips)
    {
        JsonElement golden = Golden.Open("llama_train.json"), expected = golden.GetProperty(part);
        double[] losses = expected.Numbers("losses_before_each_step_then_final"), norms = expected.Numbers("gradient_norms_before_clipping");
        using Learner learner = new(
            device, Fixtures.PathOf(golden.GetProperty("model").GetString()!.Split('/')), golden.GetProperty("input_ids").Deserialize<int[][]>()!,
            golden.GetProperty(labels).Deserialize<int[][]>()!, decays);
        using Optimizer optimizer = OptimizerCatalog.Create(learner.Parameters, new OptimizerOptions { Name = "adamw", Beta2 = 0.95, WeightDecay = 0.1 });
        Schedule schedule = ScheduleCatalog.Create(rates, norms.Length);
        for (int step = 0; step < norms.Length; step++)
        {
            Assert.Equal(losses[step], learner.Prepare(optimizer, schedule.Rate(step)), 1e-5);
            double norm = learner.GradientNorm();
            Assert.Equal(norms[step], norm, 1e-4 * norms[step]);
            optimizer.Step(device, learner.Parameters, schedule.Rate(step), clips ? Math.Min(1, 1 / (norm + 1e-6)) : 1);
        }

        Assert.Equal(losses[^1], learner.Loss(), 1e-5);
        foreach (JsonProperty norm in expected.GetProperty("final_parameter_l2_norms").EnumerateObject())
        {
            Tensor weight = learner.Model.Weights.Single(weight => learner.Model.Family.NamesOnDisk(weight.Name!, gguf: false).First().Name == norm.Name);
            Assert.Equal(norm.Value.GetDouble(), Math.Sqrt(device.Kernels.SumOfSquares(weight.Floats)), 1e-5 * norm.Value.GetDouble());
        }
    }
}
