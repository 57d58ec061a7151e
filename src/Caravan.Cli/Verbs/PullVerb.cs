using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Caravan.Hub;

namespace Caravan.Cli;

/// <summary>Downloads a model from the Hugging Face hub.</summary>
internal sealed class PullVerb : Verb
{
    private readonly Argument<string> model = new("NAME") { Description = "The model: org/name, or org/name:Q4_K_M for one of several GGUF files." };
    private readonly Option<string?> revision = Flag.Text("--revision", "NAME", $"A branch, a tag or a commit (default {HubCache.UsualRevision}).");
    private readonly Option<string[]> files = Flag.Texts("--file", "NAME", "Download this file instead of what the model needs to run; may be repeated.");
    private readonly Option<string[]> include = Flag.Texts("--include", "PATTERN", "Download the files that fit, such as 'original/*', instead of what the model needs to run; may be repeated.");
    private readonly Option<string[]> exclude = Flag.Texts("--exclude", "PATTERN", "Leave out the files that fit; may be repeated.");
    private readonly Option<int?> connections = Flag.Number<int>("--connections", "N", "Parts that come at the same time (default 8).");

    public override string Name => "pull";

    public override string Summary => "Download a model from the Hugging Face hub, or go on with it; other verbs then take its name.";

    public override string Example =>
        "caravan pull Qwen/Qwen2-0.5B-Instruct\ncaravan pull TheBloke/Mistral-7B-Instruct-v0.2-GGUF:Q4_K_M\ncaravan chat Qwen/Qwen2-0.5B-Instruct";

    public override string? Notes =>
        "Files go where huggingface_hub keeps them (HF_HOME, or ~/.cache/huggingface) and are found there by both.\n" +
        "HF_TOKEN, or the token that 'hf auth login' saved, opens gated and private models; HF_ENDPOINT names another hub.\n" +
        "With HF_HUB_OFFLINE=1 the hub is not asked: what is in the cache is found, and nothing else.";

    protected override IEnumerable<Symbol> Symbols => [model, revision, files, include, exclude, connections];

    protected override int Run(ParseResult parsed, Terminal terminal)
    {
        PullRequest request = Request(parsed);
        HubOptions options = HubEnvironment.Read(terminal);
        int parts = parsed.GetValue(connections) ?? options.Connections;
        if (parts is < 1 or > 64) throw new UsageException($"--connections takes 1 to 64, not {parts}.");
        using InterruptScope work = terminal.Interrupts.Begin();
        try
        {
            long start = Stopwatch.GetTimestamp();
            PullReport report = terminal.Watch<PullProgress, PullReport>(
                $"Pulling {request.Name}",
                value => (value.Done, value.Total),
                progress => Puller.RunAsync(request, options with { Connections = parts }, progress, work.Token).GetAwaiter().GetResult());
            TimeSpan elapsed = Stopwatch.GetElapsedTime(start);
            if (parsed.GetValue(Json)) terminal.WriteJson(document => Write(document, request, report, elapsed));
            else Print(terminal, parsed.GetRequiredValue(model), report, elapsed);
            return ExitCode.Success;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("caravan: Interrupted; what came is kept, and the same command goes on from there.");
            return terminal.Interrupts.ExitCode;
        }
    }

    private PullRequest Request(ParseResult parsed)
    {
        string given = parsed.GetRequiredValue(model);
        (RepositoryName? name, string? quantization) = PulledModels.Split(given);
        if (name is null) throw new UsageException($"'{given}' is no name of a model; write org/name, such as Qwen/Qwen2-0.5B-Instruct.");
        return new PullRequest(name)
        {
            Revision = parsed.GetValue(revision) ?? HubCache.UsualRevision,
            Quantization = quantization,
            Files = parsed.GetValue(files) ?? [],
            Include = parsed.GetValue(include) ?? [],
            Exclude = parsed.GetValue(exclude) ?? [],
        };
    }

    private static void Print(Terminal terminal, string given, PullReport report, TimeSpan elapsed)
    {
        long came = report.Files.Sum(file => file.Downloaded);
        new ReportPrinter(terminal).Table(
            $"{given} at {report.Commit[..7]}",
            ["file", "size", ""],
            report.Files.Select(file => (string[])[file.File.Name, Quantity.Bytes(file.File.Size), file.Downloaded > 0 ? "downloaded" : "was there"]));
        string speed = came > 0 ? $": {Quantity.Bytes(came)} in {Quantity.Time(elapsed)}, {Quantity.Bytes(came / elapsed.TotalSeconds)}/s" : "";
        terminal.Output.WriteLine($"It is in '{report.Folder}'{speed}.");
        if (report.Files.Any(file => file.File.Name is "config.json" || GgufChoice.IsModel(file.File.Name)))
            terminal.Output.WriteLine($"Run it with: caravan generate {given} --prompt \"…\"");
    }

    private static void Write(Utf8JsonWriter document, PullRequest request, PullReport report, TimeSpan elapsed)
    {
        document.WriteString("name", request.Name.Text);
        document.WriteString("revision", request.Revision);
        document.WriteString("commit", report.Commit);
        document.WriteString("folder", report.Folder);
        document.WriteString("model", report.ModelPath);
        document.WriteStartArray("files");
        foreach (PulledFile file in report.Files)
        {
            document.WriteStartObject();
            document.WriteString("name", file.File.Name);
            document.WriteString("path", file.Path);
            document.WriteNumber("bytes", file.File.Size);
            document.WriteString("hash", file.File.Hash);
            document.WriteNumber("downloaded_bytes", file.Downloaded);
            document.WriteEndObject();
        }

        document.WriteEndArray();
        document.WriteNumber("elapsed_seconds", elapsed.TotalSeconds);
    }
}
