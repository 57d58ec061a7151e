using System.Globalization;
using System.Text.Json.Nodes;

namespace Caravan.Training;

/// <summary>
/// Fine-tuning on answers with their ratings (Dong et al. 2023, "SteerLM", section 3.2): the ratings stand in the prompt, as text, so that later the
/// wanted ones can be asked for.
/// </summary>
internal sealed record SteerLmOptions
{
    /// <summary>Which ratings.</summary>
    [Setting("Names of the ratings that are told, in this order; all of the data's when there are none.")]
    public IReadOnlyList<string> Attributes { get; init; } = [];

    /// <summary>How they are told.</summary>
    [Setting("Line behind the last message before the answer, where {attributes} becomes such as helpfulness:4,verbosity:1.")]
    public string Template { get; init; } = "{attributes}";

    /// <summary>The sample with its ratings in the prompt.</summary>
    /// <exception cref="CaravanException">It has none, or not those that were asked for.</exception>
    public Sample Rewrite(Sample sample)
    {
        if (sample is not ConversationSample { Attributes.Count: > 0 } rated || rated.Messages.Count == 0)
            throw sample.Origin.Problem("has no ratings; this method learns from answers with ratings (prompt, response, and numbers such as helpfulness).");
        IEnumerable<string> told = Attributes.Count == 0 ? rated.Attributes.Select(Told) : Attributes.Select(name => Told(Rating(rated, name)));
        string line = Template.Replace("{attributes}", string.Join(',', told), StringComparison.Ordinal);
        JsonArray messages = (JsonArray)rated.Messages.DeepClone();
        int before = messages.Count - 2;
        if (before < 0) messages.Insert(0, MessageList.Message("user", line));
        else messages[before]!["content"] = $"{MessageList.TextOf(messages[before]!)}\n\n{line}";
        return rated with { Messages = messages };
    }

    private static string Told((string Name, double Value) rating) => $"{rating.Name}:{rating.Value.ToString(CultureInfo.InvariantCulture)}";

    private static (string Name, double Value) Rating(ConversationSample sample, string name)
    {
        foreach ((string Name, double Value) rating in sample.Attributes)
            if (rating.Name == name) return rating;
        throw sample.Origin.Problem($"has no rating '{name}'; its ratings are {string.Join(", ", sample.Attributes.Select(rating => rating.Name))}.");
    }
}
