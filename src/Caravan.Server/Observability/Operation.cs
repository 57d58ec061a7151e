using System.Diagnostics;

namespace Caravan.Server;

/// <summary>A request to a model while it is measured, and its span.</summary>
internal sealed class Operation : IDisposable
{
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly Activity? activity;
    private readonly Action<double, TagList> end;
    private TagList tags;
    private bool ended;

    internal Operation(Activity? activity, string name, string model, Action<double, TagList> end)
    {
        (this.activity, this.end, Name, Model) = (activity, end, name, model);
        tags = new TagList { { "gen_ai.operation.name", name }, { "gen_ai.provider.name", "caravan" }, { "gen_ai.request.model", model } };
        if (activity is null) return;
        foreach (KeyValuePair<string, object?> tag in tags) activity.SetTag(tag.Key, tag.Value);
    }

    /// <summary>What was asked for, such as <c>chat</c>.</summary>
    public string Name { get; }

    /// <summary>The model it was asked of.</summary>
    public string Model { get; }

    /// <summary>What it took, when it has been answered.</summary>
    public Usage? Usage { get; private set; }

    /// <summary>Notes what an answer took and why it ended.</summary>
    public void Answered(Usage usage, params string[] reasons)
    {
        Usage = usage;
        if (activity is null) return;
        activity.SetTag("gen_ai.response.model", Model);
        activity.SetTag("gen_ai.usage.input_tokens", usage.PromptTokens);
        activity.SetTag("gen_ai.usage.output_tokens", usage.CompletionTokens);
        if (reasons.Length > 0) activity.SetTag("gen_ai.response.finish_reasons", reasons);
    }

    /// <summary>Notes why there was no answer.</summary>
    public void Failed(string why)
    {
        if (ended) return;
        tags.Add("error.type", why);
        activity?.SetTag("error.type", why);
        activity?.SetStatus(ActivityStatusCode.Error);
    }

    public void Dispose()
    {
        if (ended) return;
        ended = true;
        end(Stopwatch.GetElapsedTime(start).TotalSeconds, tags);
        activity?.Dispose();
    }
}
