namespace Caravan.Text;

/// <summary>What a chat template itself says is wrong with a conversation, by <c>raise_exception</c>: the message is the template's own.</summary>
internal sealed class ChatTemplateException(string message) : CaravanException(message);
