using System.Text.Json.Nodes;
using Caravan.Formats;
using Caravan.Inference;

namespace Caravan.Server;

/// <summary>A conversation to be continued, as it was asked for.</summary>
internal sealed record ChatOrder
{
    /// <summary>The messages in OpenAI's shape.</summary>
    public required JsonArray Messages { get; init; }

    /// <summary>How, and with which pictures; the prompt is made of the messages.</summary>
    public required TextRequest Request { get; init; }

    /// <summary>How many answers.</summary>
    public int Answers { get; init; } = 1;

    /// <summary>Whether log-probabilities are told.</summary>
    public bool LogProbs { get; init; }

    /// <summary>Reads a request of <c>/v1/chat/completions</c>.</summary>
    /// <exception cref="ApiException">A field is not as it should be.</exception>
    public static ChatOrder Read(ApiCall call)
    {
        Fields body = call.Body;
        List<Picture> images = [];
        JsonArray messages = ChatMessages.Read(body, images);
        bool logProbs = body.Switch("logprobs") ?? false;
        int? alternatives = body.Whole("top_logprobs", 0, 20);
        if (alternatives > 0 && !logProbs) throw ApiException.Invalid("Invalid value for 'top_logprobs': it is for requests with 'logprobs': true.", "top_logprobs");
        StructuredFields.Require(body);
        SamplingOptions sampling = SamplingFields.Read(body, call.Model.Model.Spec.VocabularySize, alternatives ?? 0);
        int? most = body.Whole("max_completion_tokens", 1) ?? body.Whole("max_tokens", 1);
        return new ChatOrder
        {
            Messages = messages,
            Request = call.ReadRequest(sampling, most) with { Images = images },
            Answers = body.Whole("n", 1, 128) ?? 1,
            LogProbs = logProbs,
        };
    }
}
