using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>What a run's folder tells of it.</summary>
internal sealed class RunHistory
{
    /// <summary>Keys of metrics that are no quantity of their own.</summary>
    private static readonly string[] Bookkeeping = ["step", "tokens", "seconds", "evaluation"];

    private readonly IReadOnlyList<JsonObject> steps, evaluations;

    private RunHistory(string folder, IReadOnlyList<JsonObject> lines)
    {
        Folder = folder;
        steps = [.. lines.Where(line => line["evaluation"] is null)];
        evaluations = [.. lines.Where(line => line["evaluation"] is JsonObject)];
        Facts = RunFacts.Read(folder);
        string settings = Path.Combine(folder, "config.yaml");
        Settings = File.Exists(settings) ? File.ReadAllText(settings) : "";
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    /// <summary>The folder's own name.</summary>
    public string Name => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(Folder)));

    /// <summary>Its <c>run.json</c>; null where there is none.</summary>
    public RunFacts? Facts { get; }

    /// <summary>Its <c>config.yaml</c>; empty where there is none.</summary>
    public string Settings { get; }

    /// <summary>Steps that were taken.</summary>
    public int Steps => steps.Count == 0 ? 0 : (int)steps[^1]["step"]!;

    /// <summary>Tokens that passed.</summary>
    public double Tokens => Sum("tokens");

    /// <summary>How long its steps took.</summary>
    public TimeSpan Elapsed => TimeSpan.FromSeconds(Sum("seconds"));

    /// <summary>What was measured in steps or over held-out data, the loss first.</summary>
    public IEnumerable<string> Quantities => steps.SelectMany(Keys).Concat(evaluations.SelectMany(line => Keys(line["evaluation"]!.AsObject())))
        .Distinct().OrderBy(name => name switch { "loss" => 0, "learning_rate" => 1, "gradient_norm" => 2, _ => 3 }).ThenBy(name => name, StringComparer.Ordinal);

    /// <summary>Tokens per second of each step.</summary>
    public Curve Speed => Curve.Of(steps.Where(line => Number(line, "seconds") > 0).Select(line => (StepOf(line), Number(line, "tokens") / Number(line, "seconds"))));

    /// <summary>Reads a run.</summary>
    /// <exception cref="CaravanException">The folder holds none.</exception>
    public static RunHistory Read(string folder)
    {
        string path = Path.Combine(folder, "metrics.jsonl");
        if (!File.Exists(path)) throw new CaravanException($"'{folder}' holds no run: there is no '{path}'.");
        return new RunHistory(folder, MetricsFile.Read(path));
    }

    /// <summary>A quantity as the steps saw it.</summary>
    public Curve InSteps(string name) => Of(steps, line => Number(line, name));

    /// <summary>A quantity over held-out data.</summary>
    public Curve HeldOut(string name) => Of(evaluations, line => Number(line["evaluation"]!.AsObject(), name));

    private static Curve Of(IEnumerable<JsonObject> lines, Func<JsonObject, double> value) => Curve.Of(lines.Select(line => (StepOf(line), value(line))));

    private static IEnumerable<string> Keys(JsonObject line) => line.Select(pair => pair.Key).Except(Bookkeeping);

    private static double StepOf(JsonObject line) => (double)line["step"]!;

    private static double Number(JsonObject line, string name) => line[name] is JsonValue value && value.TryGetValue(out double number) ? number : double.NaN;

    private double Sum(string name) => steps.Select(line => Number(line, name)).Where(double.IsFinite).Sum();
}
