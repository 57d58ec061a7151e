using System.Text.Json.Nodes;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// Several tasks in every step, each with an adapter of its own over one base (Ye et al. 2023, "mLoRA"). Losses and so gradients add up, and no adapter is in the
/// loss of another: each learns what it would learn alone, but for what is drawn at random in forward passes.
/// </summary>
/// <param name="tasks">The tasks by name; their methods stay the caller's.</param>
internal sealed class TaskMethods(IReadOnlyList<(string Name, Method Method)> tasks) : Method
{
    /// <inheritdoc/>
    public override int StepsPerBatch => tasks[0].Method.StepsPerBatch;

    /// <inheritdoc/>
    public override IReadOnlyList<MicroBatch> Draw(int step)
    {
        List<MicroBatch> parts = [];
        foreach ((string name, Method method) in tasks)
        {
            method.Observations.Clear();
            IReadOnlyList<MicroBatch> own = method.Draw(step);
            parts.AddRange(own.Select(part => part with { Loss = pass => Observed(part.Loss(pass), $"{name}.loss", own.Count) }));
        }

        return parts;
    }

    /// <inheritdoc/>
    public override void AfterStep(int step)
    {
        foreach ((string name, Method method) in tasks)
        {
            method.AfterStep(step);
            foreach ((string what, double mean) in method.Observations.Means) Observations.Add($"{name}.{what}", mean);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Evaluate(Pass pass)
    {
        Dictionary<string, double> all = [];
        foreach ((string name, Method method) in tasks)
        {
            foreach ((string what, double value) in method.Evaluate(pass))
            {
                all[$"{name}.{what}"] = value;
                if (what == "loss") all[what] = all.GetValueOrDefault(what) + value;
            }
        }

        return all;
    }

    /// <inheritdoc/>
    public override JsonObject Save() => new(tasks.Select(task => KeyValuePair.Create<string, JsonNode?>(task.Name, task.Method.Save())));

    /// <inheritdoc/>
    public override void Restore(JsonObject state)
    {
        foreach ((string name, Method method) in tasks) method.Restore(state[name]!.AsObject());
    }

    /// <summary>The parts of a loss add up, and observations are means.</summary>
    private Tensor Observed(Tensor loss, string name, int parts)
    {
        Observations.Add(name, loss.Floats[0] * parts);
        return loss;
    }
}
