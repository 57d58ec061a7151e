using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Tensors;

namespace Caravan.Training;

/// <summary>
/// A folder from which a run goes on exactly as if it had never stopped: <c>state.safetensors</c> (parameters in F32, what the optimizer
/// remembers) and <c>state.json</c> (steps, place in the data). It appears under its name when it is complete.
/// </summary>
internal static class TrainingCheckpoint
{
    private const int Format = 1;
    private const string ParameterPrefix = "parameters.", OptimizerPrefix = "optimizer.", PolicyPrefix = "policy.";
    private const string WeightsFile = "state.safetensors", StateFile = "state.json";

    /// <summary>Writes the state of a loop.</summary>
    /// <param name="folder">Where; replaced if it exists.</param>
    /// <param name="loop">What is running.</param>
    /// <param name="run">What the run knows beside.</param>
    /// <exception cref="CaravanException">The disk is full or fails; nothing is left behind.</exception>
    public static void Write(string folder, TrainingLoop loop, JsonObject run)
    {
        using AtomicFolder target = AtomicFolder.Create(folder);
        SafetensorsWriter.Write(Path.Combine(target.PartialPath, WeightsFile), [.. Tensors(loop).Select(Source)], null, new WriteOptions());
        JsonObject state = new()
        {
            ["format"] = Format,
            ["steps"] = loop.Steps,
            ["optimizer_steps"] = loop.Optimizer.Steps,
            ["method"] = loop.Method.Save(),
            ["run"] = run,
        };
        AtomicFile.Write(Path.Combine(target.PartialPath, StateFile), JsonSerializer.SerializeToUtf8Bytes(state));
        target.Commit();
    }

    /// <summary>Brings a loop to where <see cref="Write"/> was called.</summary>
    /// <returns>What the run knew beside.</returns>
    /// <exception cref="CaravanException">The folder is damaged or was written by a run of another shape.</exception>
    public static JsonObject Read(string folder, TrainingLoop loop)
    {
        JsonObject state = ReadState(folder);
        try
        {
            using Checkpoint stored = CheckpointReader.Open(Path.Combine(folder, WeightsFile));
            foreach ((string name, Tensor tensor) in Tensors(loop)) Restore(folder, stored, name, tensor);
            foreach (Parameter parameter in loop.Parameters) parameter.Publish();
            loop.Steps = (int)state["steps"]!;
            loop.Optimizer.Steps = (int)state["optimizer_steps"]!;
            loop.Method.Restore(state["method"]!.AsObject());
            return state["run"]!.AsObject();
        }
        catch (Exception exception) when (exception is InvalidOperationException or NullReferenceException or FormatException)
        {
            throw Damaged(folder, exception);
        }
    }

    private static JsonObject ReadState(string folder)
    {
        string path = Path.Combine(folder, StateFile);
        try
        {
            JsonObject? state = JsonNode.Parse(File.ReadAllBytes(path)) as JsonObject;
            if (state is not null && (int?)state["format"] == Format) return state;
            throw new CaravanException($"'{path}' is not the state of a run that this version of Caravan can go on with.");
        }
        catch (Exception exception) when (exception is JsonException or IOException or InvalidOperationException)
        {
            throw Damaged(folder, exception);
        }
    }

    private static void Restore(string folder, Checkpoint stored, string name, Tensor tensor)
    {
        if (!stored.Tensors.TryGetValue(name, out TensorEntry? entry))
            throw new CaravanException($"'{folder}' cannot be resumed: it has no '{name}'; it belongs to a run with another model, adapter or optimizer.");
        if (entry.DType != tensor.DType || entry.Elements != tensor.Shape.Elements)
            throw new CaravanException($"'{folder}' cannot be resumed: its '{name}' is {entry.TypeName} {entry.ShapeText}, this run's is {tensor}.");
        entry.Data.CopyTo(tensor.Bytes);
    }

    private static IEnumerable<(string Name, Tensor Tensor)> Tensors(TrainingLoop loop) =>
    [
        .. loop.Parameters.Select(parameter => (ParameterPrefix + parameter.Name, parameter.Values)),
        .. loop.Optimizer.State.Select(state => (OptimizerPrefix + state.Name, state.Values)),
        .. loop.Policies.SelectMany((policy, i) => policy.State.Select(state => ($"{PolicyPrefix}{(i == 0 ? "" : $"{i}.")}{state.Name}", state.Values))),
    ];

    private static TensorSource Source((string Name, Tensor Tensor) named)
    {
        ImmutableArray<long> shape = [.. Enumerable.Range(0, named.Tensor.Shape.Rank).Select(i => named.Tensor.Shape[i])];
        return TensorSource.From(named.Name, named.Tensor.DType, shape, named.Tensor.Bytes);
    }

    private static CaravanException Damaged(string folder, Exception exception) =>
        new($"'{folder}' is no complete checkpoint of a run ({exception.Message}); resume from an earlier one.", exception);
}
