namespace Caravan.Training;

/// <summary>What methods learn from.</summary>
internal enum SampleKind
{
    /// <summary>Plain texts; conversations are taken too.</summary>
    Texts,

    /// <summary>Conversations, of which the answers are learnt; texts are taken too.</summary>
    Conversations,

    /// <summary>Answers with ratings by name.</summary>
    RatedConversations,

    /// <summary>Pairs of answers of which one is preferred.</summary>
    Preferences,

    /// <summary>Answers that are wanted or not.</summary>
    LabelledAnswers,

    /// <summary>Several answers with ratings.</summary>
    RankedAnswers,

    /// <summary>Prompts that a model answers itself, or conversations without their last answer.</summary>
    Prompts,

    /// <summary>Conversations that end with an answer.</summary>
    AnsweredConversations,
}
