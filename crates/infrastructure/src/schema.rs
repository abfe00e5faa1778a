// @generated automatically by Diesel CLI.

diesel::table! {
    audit_log (id) {
        id -> Int8,
        event -> Text,
        actor_id -> Nullable<Int8>,
        target_id -> Nullable<Int8>,
        role -> Nullable<Text>,
        ip_address -> Nullable<Text>,
        request_id -> Nullable<Text>,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    chats (chat_id) {
        chat_id -> Int8,
        user1_id -> Int8,
        user2_id -> Int8,
        last_seq -> Int8,
        created_at -> Timestamptz,
        last_activity_at -> Timestamptz,
        user1_last_read_seq -> Int8,
        user2_last_read_seq -> Int8,
        closed -> Bool,
    }
}

diesel::table! {
    deployment (only_one) {
        only_one -> Bool,
        id -> Uuid,
    }
}

diesel::table! {
    group_chat_participants (id) {
        id -> Int8,
        group_id -> Int8,
        user_id -> Int8,
        role -> Text,
        joined_at -> Timestamptz,
        last_read_seq -> Int8,
    }
}

diesel::table! {
    group_chats (group_id) {
        group_id -> Int8,
        group_name -> Text,
        owner_id -> Int8,
        owner_role -> Text,
        last_seq -> Int8,
        created_at -> Timestamptz,
        last_activity_at -> Timestamptz,
        participant_count -> Int4,
        membership_version -> Int8,
    }
}

diesel::table! {
    group_messages (id) {
        id -> Int8,
        group_id -> Int8,
        seq -> Int8,
        sender_id -> Int8,
        content -> Nullable<Text>,
        client_message_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        content_folded -> Nullable<Text>,
    }
}

diesel::table! {
    invitations (user_id) {
        user_id -> Int8,
        token_hash -> Bytea,
        expires_at -> Timestamptz,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    job_post_comments (id) {
        id -> Int8,
        post_id -> Int8,
        user_id -> Int8,
        content -> Text,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    job_post_images (post_id, position) {
        post_id -> Int8,
        position -> Int2,
        image_url -> Text,
    }
}

diesel::table! {
    job_post_likes (id) {
        id -> Int8,
        post_id -> Int8,
        user_id -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    job_posts (post_id) {
        post_id -> Int8,
        author_id -> Int8,
        title -> Text,
        company -> Nullable<Text>,
        location -> Nullable<Text>,
        employment_type -> Text,
        description -> Text,
        apply_url -> Nullable<Text>,
        expires_at -> Nullable<Timestamptz>,
        like_count -> Int4,
        comment_count -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        hotness -> Int8,
    }
}

diesel::table! {
    messages (id) {
        id -> Int8,
        chat_id -> Int8,
        seq -> Int8,
        sender_id -> Int8,
        content -> Nullable<Text>,
        client_message_id -> Nullable<Uuid>,
        created_at -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
        content_folded -> Nullable<Text>,
    }
}

diesel::table! {
    profile_documents (user_id) {
        user_id -> Int8,
        revision -> Int8,
        format -> Int4,
        document -> Text,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Bytea,
        session_id -> Int8,
        expires_at -> Timestamptz,
        spent_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    resume (id) {
        id -> Int8,
        user_id -> Int8,
        file_name -> Text,
        file_type -> Text,
        file_url -> Text,
        file_size -> Int8,
        sha256 -> Bytea,
        version -> Int4,
        uploaded_at -> Timestamptz,
    }
}

diesel::table! {
    sessions (id) {
        id -> Int8,
        user_id -> Int8,
        user_agent -> Nullable<Text>,
        ip_address -> Nullable<Text>,
        created_at -> Timestamptz,
        last_used_at -> Timestamptz,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    user_profile_entries (user_id, list, position) {
        user_id -> Int8,
        list -> Text,
        position -> Int2,
        value -> Text,
    }
}

diesel::table! {
    users (id) {
        id -> Int8,
        username -> Nullable<Text>,
        name -> Nullable<Text>,
        email -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        role -> Nullable<Text>,
        about -> Nullable<Text>,
        current_company -> Nullable<Text>,
        role_current -> Nullable<Text>,
        location -> Nullable<Text>,
        department -> Nullable<Text>,
        graduation_year -> Nullable<Int2>,
        linkedin_url -> Nullable<Text>,
        github_url -> Nullable<Text>,
        portfolio_url -> Nullable<Text>,
        profile_completed -> Bool,
        revision -> Int8,
        suspended_at -> Nullable<Timestamptz>,
        suspension_reason -> Nullable<Text>,
        deleted_at -> Nullable<Timestamptz>,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
    }
}

diesel::joinable!(group_chat_participants -> users (user_id));
diesel::joinable!(group_chats -> users (owner_id));
diesel::joinable!(group_messages -> group_chats (group_id));
diesel::joinable!(group_messages -> users (sender_id));
diesel::joinable!(invitations -> users (user_id));
diesel::joinable!(job_post_comments -> job_posts (post_id));
diesel::joinable!(job_post_comments -> users (user_id));
diesel::joinable!(job_post_images -> job_posts (post_id));
diesel::joinable!(job_post_likes -> job_posts (post_id));
diesel::joinable!(job_post_likes -> users (user_id));
diesel::joinable!(job_posts -> users (author_id));
diesel::joinable!(messages -> chats (chat_id));
diesel::joinable!(messages -> users (sender_id));
diesel::joinable!(profile_documents -> users (user_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(resume -> users (user_id));
diesel::joinable!(sessions -> users (user_id));
diesel::joinable!(user_profile_entries -> users (user_id));

diesel::allow_tables_to_appear_in_same_query!(
    chats,
    group_chat_participants,
    group_chats,
    group_messages,
    invitations,
    job_post_comments,
    job_post_images,
    job_post_likes,
    job_posts,
    messages,
    profile_documents,
    refresh_tokens,
    resume,
    sessions,
    user_profile_entries,
    users,
);
