using Caravan.Models;
using Caravan.Tensors;

namespace Caravan.Training.Tests;

/// <summary>The gradients of whole methods: along its gradient g a loss rises by |g| for each unit of length.</summary>
public class GradientTests
{
    /// <summary>Log-probabilities are float32: a loss of about 10 errs by about 1e-6, and with steps of this length its slope by 1e-3 of gradients about 1.</summary>
    private const float Step = 1e-3f;

    public static TheoryData<string> Methods => ["sft", "reward_model", "dpo", "orpo", "kto", "rrhf", "distillation", "weak_to_strong", "unlearning", "grpo", "rloo", "ppo", "safe_rlhf", "raft", "spin"];

    [Theory]
    [MemberData(nameof(Methods))]
    public void TheLossRisesAlongItsGradientByItsLength(string name)
    {
        using TinyTask task = new(MethodSamples.Of(name));
        Model model = task.Load();
        // Away from where the policy is its reference: there ratios are 1 and losses of pairs have bends.
        string other = MethodSamples.Other(task);
        TrainingSettings settings = MethodSamples.Settings(task, other);
        MethodRow row = MethodCatalog.Named(name);
        MethodContext context = task.Context(model, 4) with { Reference = row.NeedsReference(settings) ? new Policy(task.Own(Model.Load(other))) : null };
        Method method = task.Own(row.Create(settings, context));
        Parameter[] parameters = [.. Trainables.Of(model).Concat(Trainables.Of(method)).Select(task.Own)];
        foreach (Tensor own in method.OwnTensors) MethodSamples.Disturb(own, 0.1f);
        foreach (Parameter parameter in parameters) parameter.KeepGradient();
        IReadOnlyList<MicroBatch> batch = method.Draw(0);
        using Pass learning = new(task.Device, new Tape()), reading = new(task.Device);
        foreach (MicroBatch part in batch)
        {
            learning.Reset();
            Tensor loss = part.Loss(learning);
            learning.Tape!.Backward(learning, loss);
        }

        learning.Reset();
        double norm = Math.Sqrt(parameters.Sum(parameter => task.Device.Kernels.SumOfSquares(parameter.Gradient!.Floats)));
        Assert.True(norm > 1e-4, $"The gradient is {norm}.");
        float step = (float)(Step / norm);
        double slope = (LossAt(step) - LossAt(-step)) / (2 * Step);
        Assert.Equal(norm, slope, 0.02 * norm);

        double LossAt(float distance)
        {
            foreach (Parameter parameter in parameters) task.Device.Kernels.AddScaled(parameter.Gradient!.Floats, distance, parameter.Values.Floats);
            double sum = 0;
            foreach (MicroBatch part in batch)
            {
                reading.Reset();
                sum += part.Loss(reading).Floats[0];
            }

            foreach (Parameter parameter in parameters) task.Device.Kernels.AddScaled(parameter.Gradient!.Floats, -distance, parameter.Values.Floats);
            return sum;
        }
    }
}
