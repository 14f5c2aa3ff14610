namespace LongPoll.Server.Bus;

/// <summary>
/// The Lua that announces a view: keys are the cache key and the channel, arguments the version, the seconds to keep it and the
/// view. It compares and announces in one step, so that an older view can neither replace nor follow a newer one.
/// Whatever else stands under the key, of whatever type, is written over. A Redis that takes no writes (full, or
/// read-only) still carries messages: the view is then published all the same.
/// </summary>
internal static class AnnounceScript
{
    public const string Text = """
    local kept = redis.pcall('GET', KEYS[1])
    if type(kept) == 'string' then
        local ok, view = pcall(cjson.decode, kept)
        if ok and type(view) == 'table' and type(view.version) == 'number' and view.version > tonumber(ARGV[1]) then
            return 0
        end
    end
    redis.pcall('SETEX', KEYS[1], ARGV[2], ARGV[3])
    redis.call('PUBLISH', KEYS[2], ARGV[3])
    return 1
    """;
}
