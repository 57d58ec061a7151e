using System.Text.Json;
using System.Text.Json.Nodes;
using Caravan.Formats;

namespace Caravan.Training;

/// <summary>The <c>metrics.jsonl</c> of a run: a line for each step and each look at held-out data, written as they happen.</summary>
internal sealed class MetricsFile : IDisposable
{
    private readonly string path;
    private readonly StreamWriter writer;

    /// <summary>Opens the file; what it says of steps after <paramref name="steps"/> is forgotten, since they are taken again.</summary>
    /// <exception cref="CaravanException">It cannot be written.</exception>
    public MetricsFile(string path, int steps)
    {
        this.path = path;
        string[] kept = [.. Read(path).Where(line => (int)line["step"]! <= steps).Select(line => line.ToJsonString() + "\n")];
        AtomicFile.Write(path, System.Text.Encoding.UTF8.GetBytes(string.Concat(kept)));
        writer = Guarded(() => new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read)));
    }

    /// <summary>The lines of a file; none where there is no file. A last line that was cut off is left out.</summary>
    public static IReadOnlyList<JsonObject> Read(string path)
    {
        List<JsonObject> lines = [];
        if (!File.Exists(path)) return lines;
        foreach (string line in File.ReadLines(path))
        {
            try
            {
                if (JsonNode.Parse(line) is JsonObject { } read && read["step"] is JsonValue) lines.Add(read);
            }
            catch (JsonException)
            {
                break;
            }
        }

        return lines;
    }

    /// <summary>Adds a step.</summary>
    public void Add(StepReport step)
    {
        JsonObject line = new()
        {
            ["step"] = step.Step, ["loss"] = step.Loss, ["gradient_norm"] = step.GradientNorm, ["learning_rate"] = step.LearningRate,
            ["tokens"] = step.Tokens, ["seconds"] = Math.Round(step.Elapsed.TotalSeconds, 6),
        };
        foreach ((string name, double value) in step.Observations) line[name] = double.IsFinite(value) ? value : null;
        Write(line);
    }

    /// <summary>Adds a look at held-out data.</summary>
    public void Add(int step, IReadOnlyDictionary<string, double> evaluation)
    {
        JsonObject numbers = [];
        foreach ((string name, double value) in evaluation) numbers[name] = double.IsFinite(value) ? value : null;
        Write(new JsonObject { ["step"] = step, ["evaluation"] = numbers });
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => writer.Dispose();

    private void Write(JsonObject line) => Guarded(() =>
    {
        writer.Write(line.ToJsonString() + "\n");
        writer.Flush();
        return 0;
    });

    private T Guarded<T>(Func<T> action)
    {
        T result = default!;
        FileFailure.Guard(path, 0, () => result = action());
        return result;
    }
}
