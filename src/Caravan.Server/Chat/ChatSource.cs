using Caravan.Inference;

namespace Caravan.Server;

/// <summary>Asks models to go on with conversations.</summary>
internal static class ChatSource
{
    /// <summary>Asks for one of the answers.</summary>
    public static TextStream Start(ApiCall call, ChatOrder order, int number)
    {
        int[] prompt = call.Model.Format.Encode(order.Messages);
        call.RequirePrompt(prompt.Length);
        return call.Model.Loop.Stream(order.Request with
        {
            PromptTokens = prompt,
            Sampling = order.Request.Sampling.ForAnswer(number),
            StopTokens = call.Model.Format.StopTokens,
            StopStrings = [.. order.Request.StopStrings, .. call.Model.Format.StopStrings],
        });
    }
}
