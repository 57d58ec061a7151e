using System.Text.Json;
using Caravan.Formats;

namespace Caravan.Training;

/// <summary>The <c>run.json</c> of a run: what its settings and metrics do not say.</summary>
internal sealed record RunFacts
{
    private static readonly JsonSerializerOptions Options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>When it began first.</summary>
    public required DateTimeOffset Started { get; init; }

    /// <summary>When this was written.</summary>
    public required DateTimeOffset Updated { get; init; }

    /// <summary>How it ended: <c>finished</c>, <c>stopped</c> or <c>interrupted</c>; <c>running</c> while it has not, <c>failed</c> where it could not go on.</summary>
    public required string End { get; init; }

    /// <summary>The version of Caravan.</summary>
    public required string Version { get; init; }

    /// <summary>Processor, threads and instruction set.</summary>
    public required string Machine { get; init; }

    /// <summary>Numbers that are learnt.</summary>
    public required long TrainableParameters { get; init; }

    /// <summary>Numbers of the model and what was added to it.</summary>
    public required long Parameters { get; init; }

    /// <summary>The facts of a run; null where there are none.</summary>
    /// <exception cref="CaravanException">The file is damaged.</exception>
    public static RunFacts? Read(string folder)
    {
        string path = PathIn(folder);
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<RunFacts>(File.ReadAllBytes(path), Options) : null;
        }
        catch (JsonException exception)
        {
            throw new CaravanException($"'{path}' is damaged ({exception.Message}); delete it, and the run goes on without what it said.", exception);
        }
    }

    /// <summary>Writes the facts.</summary>
    /// <exception cref="CaravanException">The disk is full or fails.</exception>
    public void Write(string folder) => AtomicFile.Write(PathIn(folder), JsonSerializer.SerializeToUtf8Bytes(this, Options));

    private static string PathIn(string folder) => Path.Combine(folder, "run.json");
}
