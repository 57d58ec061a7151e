namespace Caravan.Testing;

/// <summary>What the templates under <c>../shared/fixtures/templates</c> end a model's turn with; they come without the vocabularies that would say it.</summary>
public static class TemplateTurns
{
    /// <summary>The texts of the control tokens.</summary>
    public static IReadOnlyList<string> Ends { get; } =
    [
        "<|im_end|>", "</s>", "<|eot_id|>", "<|eom_id|>", "<｜end▁of▁sentence｜>",
        "<|END_OF_TURN_TOKEN|>", "<|end|>", "<seed:eos>", "<|observation|>", "<turn|>", "<sep>", "<|end_of_text|>", "<|tool_response>",
    ];
}
